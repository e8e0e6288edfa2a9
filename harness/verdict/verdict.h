// What Racelab says about a program: plain values, with no behaviour but
// equality and names.
//
// An engine turns a run into TestResults; scoring adds them up; report prints
// them. A race in a student's code is a value here (a Finding), never an error:
// absl::Status is kept for what *we* could not do.
//
// Thread safety: values; const access from any thread.

#ifndef RACELAB_VERDICT_VERDICT_H_
#define RACELAB_VERDICT_VERDICT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace racelab::verdict {

// Who judged. kStatic reads the compiled module; kProcess is the oracle of the
// process labs, which run for real with trouble injected.
enum class Engine { kStatic, kTsan, kStress, kModel, kProcess };

// kInconclusive: the budget was spent or the engine is unavailable here.
// kHarnessError: our fault or the machine's. Neither is ever a zero or a pass.
enum class Outcome { kPass, kFail, kInconclusive, kHarnessError };

enum class FailureKind {
  kDataRace,
  kWrongResult,
  kDeadlock,
  kLivelock,
  kUseAfterFree,  // also use after the end of a scope
  kDoubleFree,
  kLeak,         // memory, threads, children, descriptors, named objects
  kMisuse,       // of a synchronization object: unlocking another's mutex, …
  kCrash,        // also a stack overflow, an uncaught exception, an early exit
  kUnreachable,  // EXPECT_REACHABLE: no execution gets there
  kForbiddenConstruct,
  kBuildError,
};

// A place in a source file. `file` is relative to the lab or submission
// ("student/counter.cc"); line and column count from 1, 0 means unknown.
struct SourceLocation {
  std::string file;
  int line = 0;
  int column = 0;
  std::string function;
  bool operator==(const SourceLocation&) const = default;
};

// How strong a pass is (or how much was tried before an inconclusive end).
struct Evidence {
  enum class Strength {
    kNone,
    kExhausted,  // every execution of the scenario, up to equivalence
    kSampled,    // executions chosen by a strategy, until a budget
    kRounds,     // rounds on real threads
    kChecked,    // a check that is complete by itself (static, sequential)
  };
  Strength strength = Strength::kNone;
  uint64_t executions = 0;  // or rounds
  std::string strategy;     // "full", "bounded 2", "pct 3", "random", …
  uint64_t seed = 0;
  std::string detail;  // one clause more, for people: "depth 3 missed with …"
  // If exhausted: what was left out all the same, a clause each ("spurious
  // wake-ups: at most 1 a thread"). Empty: every execution was seen.
  std::vector<std::string> limits;
  double seconds = 0;  // wall time of the engine on this test
  bool operator==(const Evidence&) const = default;
};

// One step of an interleaving: a row of the table.
struct Step {
  int thread = 0;  // index into Trace::threads
  SourceLocation where;
  std::string source;             // the text of that line, trimmed
  std::string operation;          // in words: "reads", "locks", "waits on", …
  std::string object;             // "bank.accounts[1].balance", "mutex lock_"
  std::string value;              // read or written, as text
  std::vector<std::string> held;  // locks held, by name
  std::string note;               // "stale: …, legal because …"
  std::vector<SourceLocation> stack;  // innermost first, student frames kept
  bool operator==(const Step&) const = default;
};

struct TraceThread {
  std::string name;  // "main", "T1", …
  SourceLocation created_at;
  bool operator==(const TraceThread&) const = default;
};

// An interleaving that fails.
struct Trace {
  std::vector<TraceThread> threads;
  std::vector<Step> steps;
  int inevitable_from = -1;  // first step after which failure was certain
  int context_switches = 0;
  bool operator==(const Trace&) const = default;
};

// One of the two accesses of a race.
struct Access {
  std::string thread;
  bool is_write = false;
  bool is_atomic = false;
  int size = 0;                       // bytes
  std::vector<SourceLocation> stack;  // innermost first
  std::vector<std::string> held;      // locks held, by name
  bool operator==(const Access&) const = default;
};

// One thread of a deadlock or hang.
struct BlockedThread {
  std::string thread;
  std::string waits_for;  // "mutex b", "condition variable cv"
  std::string held_by;    // the thread that could release it, or empty
  std::vector<SourceLocation> stack;
  bool operator==(const BlockedThread&) const = default;
};

// What is wrong, with the witness.
struct Finding {
  FailureKind kind = FailureKind::kWrongResult;
  std::string message;  // one sentence for the student
  SourceLocation where;
  std::string object;         // the variable or lock concerned
  std::string object_origin;  // "global", "heap, 16 bytes from counter.cc:12"
  std::vector<Access> accesses;  // two for a race
  std::vector<BlockedThread> blocked;
  std::optional<Trace> trace;
  std::string token;  // for `racelab replay`; empty where nothing replays
  std::vector<std::string> hints;  // confirmed repairs only
  std::string output;  // what the compiler or the program said, trimmed
  bool operator==(const Finding&) const = default;
};

// One cell of the matrix test × engine.
struct TestResult {
  std::string test;  // "Counter.NoIncrementIsLost"
  Engine engine = Engine::kModel;
  Outcome outcome = Outcome::kHarnessError;
  Evidence evidence;
  std::optional<Finding> finding;  // iff outcome is kFail
  std::string reason;  // iff kInconclusive or kHarnessError: what happened
  std::string mend;    // and what to do about it
  bool operator==(const TestResult&) const = default;
};

// Stable names, used in JSON, lab.toml and reports: "model", "fail",
// "data-race", "exhausted". The From… functions return nullopt for an unknown
// name.
std::string_view Name(Engine engine);
std::string_view Name(Outcome outcome);
std::string_view Name(FailureKind kind);
std::string_view Name(Evidence::Strength strength);
std::optional<Engine> EngineFromName(std::string_view name);
std::optional<Outcome> OutcomeFromName(std::string_view name);
std::optional<FailureKind> FailureKindFromName(std::string_view name);
std::optional<Evidence::Strength> StrengthFromName(std::string_view name);

}  // namespace racelab::verdict

#endif  // RACELAB_VERDICT_VERDICT_H_
