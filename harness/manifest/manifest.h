// What a lab declares, as values: lab.toml, and expect.toml and accept.toml of
// the answers kept for it. ARCHITECTURE.md ("Files a lab consists of") lists
// the keys; this header says what they mean to the harness.
//
// A manifest is data that people write, so every mistake in it has a place: a
// Load… function fails with InvalidArgument and one line per mistake,
//   labs/races/lost_update/lab.toml:7:1: unknown key "editible"; did you mean
//   "editable"?
// with the path relative to the project's root. A folder or file that is not
// there is NotFound.
//
// Thread safety: values and free functions without state; call them from any
// thread.

#ifndef RACELAB_MANIFEST_MANIFEST_H_
#define RACELAB_MANIFEST_MANIFEST_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "verdict/verdict.h"

namespace racelab::manifest {

// kProcesses: judged by runner.process, and may start processes in the sandbox.
// tsan and stress may judge tests of it that have threads; the model may not:
// the names and files that processes share outlive its executions.
enum class LabKind { kThreads, kProcesses };

// `model = { … }` of a test. The names are those of the runner's request.
struct ModelOptions {
  // kExhausted or kSampled: the evidence that the solution must reach, and
  // that `verify` demands. A sampled one says why in `sampled_because`.
  verdict::Evidence::Strength expect = verdict::Evidence::Strength::kExhausted;
  std::string sampled_because;
  std::string strategy = "portfolio";
  int bound = 2;
  uint64_t executions = 1'000'000;
  double seconds = 5;
  int max_steps = 20'000;
  bool operator==(const ModelOptions&) const = default;
};

struct TsanOptions {
  int runs = 5;
  double seconds = 5;
  bool operator==(const TsanOptions&) const = default;
};

struct StressOptions {
  uint64_t rounds = 0;  // 0: as many as fit into `seconds`
  double seconds = 1;
  double hang_seconds = 2;  // without progress: a hang
  bool operator==(const StressOptions&) const = default;
};

struct ProcessOptions {
  int runs = 3;
  double seconds = 10;
  bool operator==(const ProcessOptions&) const = default;
};

// One `[[tests]]`.
struct Test {
  std::string name;  // "Counter.NoIncrementIsLost", as in scenario.cc
  int points = 0;    // earned only if every engine below passes it
  std::vector<verdict::Engine>
      engines;  // as declared, no duplicates, never empty
  ModelOptions model;
  TsanOptions tsan;
  StressOptions stress;
  ProcessOptions process;
  int line = 0;  // in lab.toml
  bool operator==(const Test&) const = default;
};

// One `[[starter.fails]]`: a cell of the starter's matrix that must fail, with
// one of the kinds. Every other cell must not fail.
struct ExpectedFailure {
  std::string test;
  verdict::Engine engine = verdict::Engine::kModel;
  std::vector<verdict::FailureKind> kinds;  // any of them; never empty
  int line = 0;
  bool operator==(const ExpectedFailure&) const = default;
};

struct Lab {
  std::string module;  // "races": the folder that it lies in
  std::string name;    // "lost_update": its own folder's name
  std::string title;
  int order = 0;  // within its module
  std::string teaches;
  LabKind kind = LabKind::kThreads;
  std::vector<std::string> editable;  // names below student/, "counter.cc"
  std::vector<std::string> may_use;   // capability groups; build/ knows them
  std::vector<Test> tests;
  std::vector<ExpectedFailure> starter_fails;

  std::filesystem::path directory;  // absolute, <root>/labs/<module>/<name>
  std::filesystem::path manifest_shown;  // lab.toml relative to the root

  int max_points() const;
  // Null if the manifest names no such test.
  const Test* FindTest(std::string_view test) const;
  // Every engine that some test names, in the order of verdict::Engine.
  std::vector<verdict::Engine> Engines() const;
};

// One wrong answer kept for a lab under solutions/. Its folder holds
// expect.toml and the editable files that it changes; the others come from the
// starter.
struct RejectedAnswer {
  std::string name;  // the folder's name, "made_it_volatile"
  std::filesystem::path directory;
  std::vector<verdict::Engine> engines;     // each of them must catch it
  std::vector<verdict::FailureKind> kinds;  // any of them
  std::string test;                         // empty: any test
  std::string misconception;                // the sentence for the student
};

// One right answer that differs from the solution; beside accept.toml, the
// same.
struct AcceptedAnswer {
  std::string name;
  std::filesystem::path directory;
  std::string summary;
  std::string sampled_because;  // not empty: need not be exhausted
};

// What solutions/<module>/<lab>/ holds. In a handout it does not exist:
// `exists` is false and the rest is empty.
struct Solutions {
  bool exists = false;
  std::filesystem::path directory;
  std::vector<RejectedAnswer> rejected;  // by name
  std::vector<AcceptedAnswer> accepted;  // by name
};

// Reads `directory`/lab.toml. `root` is what messages are relative to.
absl::StatusOr<Lab> LoadLab(const std::filesystem::path& root,
                            const std::filesystem::path& directory);

// Reads every expect.toml and accept.toml of the lab's solutions. An engine or
// test that the lab does not have is an error here, with its line.
absl::StatusOr<Solutions> LoadSolutions(const std::filesystem::path& root,
                                        const Lab& lab);

// The sections of hints.md, in order: each begins with a `## ` heading, which
// stays in the text. No hints.md: an empty list.
absl::StatusOr<std::vector<std::string>> LoadHints(const Lab& lab);

}  // namespace racelab::manifest

#endif  // RACELAB_MANIFEST_MANIFEST_H_
