// The execution that is running: what the bridge (which answers the module's
// calls), the world (which starts executions) and Relacy's context share.
//
// One execution at a time, on one kernel thread; the program's threads are
// fibers, switched only within Schedule and Block. So nothing here needs a
// lock.
//
// The bridge's part of the contract
//   1. It enters with a Bridge object: from then on memory it allocates is the
//      runner's, not the program's.
//   2. A visible operation says what it will do (Schedule), does it when it is
//      this thread's turn, and says what it did (Executed).
//   3. Nothing that owns memory lives on a fiber's stack while it may be
//      switched away: an execution can be abandoned at any such point, and its
//      stacks are then forgotten, not unwound.

#ifndef RACELAB_RUNTIMES_MODEL_EXECUTION_H_
#define RACELAB_RUNTIMES_MODEL_EXECUTION_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "runtimes/model/event.h"
#include "runtimes/model/memory/clocks.h"
#include "runtimes/model/memory/shadow.h"
#include "runtimes/model/memory_model.h"
#include "runtimes/model/op.h"
#include "runtimes/model/spin.h"
#include "runtimes/model/strategy.h"
#include "runtimes/model/world.h"

namespace std {
struct __at_thread_exit_elt;
}

namespace racelab::model {

class DecisionGate;
class Engine;
struct SyncObject;

// How a wait of a thread ended.
enum class WakeReason : uint8_t { kNotified, kTimeout, kSpurious };

struct ThreadState {
  static constexpr uint32_t kMaxFrames = 1024;

  SpinDetector spin;
  uint64_t changes = 0;  // what this thread changed, outside its own stack

  bool finished = false;
  bool detached = false;
  bool joined = false;
  bool timed = false;                 // blocked, and time may end it
  bool asked_for_more_stack = false;  // than fibers have
  WakeReason wake = WakeReason::kNotified;
  uint64_t deadline = 0;            // virtual nanoseconds, if timed
  SyncObject* waits_for = nullptr;  // while blocked
  uintptr_t waits_at = 0;           // the code address that asked for it
  SyncObject* queued_on = nullptr;  // as a waiter that a notify can wake
  SyncObject* relock = nullptr;     // what it locks when notified
  uintptr_t loaded = 0;  // the atomic of the program's that it read last
  SyncObject* woke_from = nullptr;  // spuriously, and has not locked again yet
  uint32_t joiners = 0;             // threads that wait for this one
  // Addresses of the heap that it may compare with (bridge/reuse.h), each with
  // the atomic object that it read it from, oldest first.
  struct Held {
    uintptr_t object;
    uintptr_t address;
  };
  static constexpr uint32_t kMaxHeld = 8;
  uint32_t held_count = 0;
  Held held[kMaxHeld] = {};
  // How often somebody else took this lock when the thread was about to, since
  // it last got it itself.
  const SyncObject* missed = nullptr;
  uint32_t passed_over = 0;
  uint32_t timeouts_taken = 0;
  uint32_t spurious_taken = 0;
  // When a wait last woke for no reason: the thread's own state, and `changes`.
  uint64_t spurious_state = 0;
  uint64_t spurious_changes = 0;

  uintptr_t thread_locals = 0;  // the module's, of this thread
  // While it does not run: what lies on its stack below is nobody's any more.
  // 0: not known (CheckForeignStack finds out).
  uintptr_t live_stack = 0;
  void* (*routine)(void*) = nullptr;
  void* argument = nullptr;
  void* result = nullptr;
  void* exit_frame = nullptr;  // where pthread_exit unwinds to

  // Call sites of the active functions, outermost first, as
  // __tsan_func_entry told them. Deeper ones are counted only.
  uint32_t depth = 0;
  uintptr_t* frames = nullptr;
  uint64_t* sites = nullptr;  // of each frame: a hash of it and those before
  // The depth at which it took Execution::holding's mutex; 0: it has not.
  uint32_t holding_since = 0;

  // Destructors of thread_locals, innermost last.
  struct Destructor {
    void (*function)(void*);
    void* object;
  };
  static constexpr uint32_t kMaxDestructors = 256;
  uint32_t destructors = 0;
  Destructor* destructor_list = nullptr;
  // Called after them, the last one first.
  std::__at_thread_exit_elt* at_exit = nullptr;

  static constexpr uint32_t kMaxKeys = 64;
  void* keys[kMaxKeys] = {};
  bool used_keys = false;
};

struct Execution {
  // True while the program runs, i.e. between the first and the last
  // instruction of an execution.
  bool active = false;
  // True while the runner's own code runs within it.
  bool inside = false;
  ThreadId current = 0;
  // Instrumented accesses since the last schedule point.
  uint64_t accesses = 0;
  // From so many on, each of them is looked at more closely; see SetActive.
  uint64_t access_limit = 0;

  uint32_t runnable = 0;  // bit i: thread i is neither blocked nor finished
  uint32_t spinning = 0;  // rereads what has not changed
  uint32_t circling = 0;  // spins, takes no lock, and is back where it was
  uint32_t endless = 0;   // loops without ever calling the runner again
  uintptr_t endless_pc = 0;
  uint32_t timed = 0;         // blocked, but time may end it
  uint32_t next_in_turn = 0;  // waits for a lock, and nobody passes it over
  int created = 0;            // threads so far
  int finished = 0;
  int joined = 0;  // threads that somebody waited for
  int locks = 0;   // held by anybody, shared ones included
  // Every other thread was joined: what they did happens before whatever the
  // current thread does now, and those that it may start come after it. (Who
  // joined a thread has ended since, and was joined in turn, or is the current
  // one.)
  bool sole = true;
  bool freed = false;     // memory was, in this execution
  int capacity = 0;       // the engine's number of threads
  bool overflow = false;  // the program needs an engine with more threads
  bool yielded = false;   // the current schedule point is a yield
  bool in_vain = false;   // … of a thread that provably gets nowhere
  bool unlock_is_point = true;

  uint64_t step = 0;
  uint64_t max_steps = 0;
  uint64_t fingerprint = 0;
  uint64_t now = 0;              // virtual nanoseconds since the start
  uint64_t changes = 0;          // made by anybody
  uint64_t changes_at_idle = 0;  // when only spinners were left
  uint32_t idle_rounds = 0;
  ThreadId in_turn = 0;  // of those who only look, and for how long
  uint64_t steps_in_turn = 0;
  uint64_t changes_at_look = 0;  // at the clock
  uint32_t looks = 0;
  uint32_t spurious_total = 0;
  uint32_t weak_failures = 0;
  uint32_t reuses = 0;        // of addresses that were freed
  uint64_t random_state = 1;  // of rand()

  DecisionGate* strategy = nullptr;
  MemoryModel* memory = nullptr;
  Shadow* shadow = nullptr;
  Engine* engine = nullptr;
  EventLog* log = nullptr;
  size_t unfinished_write = 0;  // 1 + index of the event whose value is not
                                // in memory yet
  void (*body)() = nullptr;
  const std::vector<Strengthening>* strengthened = nullptr;  // or none
  const Holding* holding = nullptr;                          // or none

  bool ended = false;
  Limits limits = 0;  // met
  ExecutionResult result;
  PendingOp pending[kMaxThreads];    // by thread: what it does next
  ThreadClocks clocks[kMaxThreads];  // Relacy's, by thread
  ThreadState threads[kMaxThreads];

  ThreadState& self() { return threads[current]; }
};

extern Execution execution;

// Marks that the runner's own code runs, until the end of its scope.
class Bridge {
 public:
  Bridge() : before_(execution.inside) { execution.inside = true; }
  ~Bridge() { execution.inside = before_; }
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

 private:
  const bool before_;
};

// True where a call comes from the running program: it is to be modelled.
inline bool InProgram() { return execution.active && !execution.inside; }

// The program runs from here on, or has ended. While it does not, and while a
// log is kept, every access is looked at.
inline constexpr uint64_t kFirstLook = 2000;  // accesses, for LookForCircle
inline void SetActive(bool active) {
  execution.active = active;
  execution.access_limit = active && execution.log == nullptr ? kFirstLook : 0;
}

// Starts an execution's bookkeeping; the engine then runs it.
void ResetExecution();
// Called by the engine when `clocks` is filled in, before the program starts.
void BeginMemory();
void StartThreadState(ThreadId thread);

// Says what the current thread does next and lets the strategy choose who goes
// on; returns when it is this thread's turn.
void Schedule(const PendingOp& op);

// Blocks the current thread until Unblock: the strategy chooses among the
// others. Where nobody can run, time passes (`timed` threads wake), then
// spinners run, else it is a deadlock.
void BlockCurrent();
void Block(ThreadId thread);  // another one, or before a Schedule
void Unblock(ThreadId thread);
// Lets a thread run that waits for a lock, which another may take first: then
// it blocks again, until the same deadline.
void LetTry(ThreadId thread);

// The current thread has done what it announced. Keeps the fingerprint.
void Executed(const PendingOp& op);

// Something that might have happened is withheld.
inline void Withhold(Limit limit) { execution.limits |= SetOf(limit); }

// For decisions that are not about threads. 0 … n-1.
unsigned Choose(DecisionKind kind, unsigned n, const PendingOp& op);

// Called by Relacy's scheduler seam.
ThreadId PickThread();

// More threads than the engine has: the world runs this execution again, on a
// bigger one.
[[noreturn]] void NeedMoreThreads();

// These end the execution. They do not return; the fibers are abandoned.
[[noreturn]] void EndExecution(ExecutionEnd end);
[[noreturn]] void Fail(verdict::FailureKind kind, std::string message,
                       uintptr_t pc = 0, uintptr_t object = 0,
                       size_t object_size = 0);
[[noreturn]] void FailAt(std::string message, std::string file, int line);
[[noreturn]] void Unsupported(std::string sentence, std::string mend = "");
[[noreturn]] void ReportDeadlock();

// Is this code where the C++ library breaks its own rules (libstdc++ 12's
// atomic<shared_ptr> unlocks relaxed)? A race between two such places is not
// the program's. Null: nobody knows.
extern bool (*race_is_librarys)(uintptr_t pc);

// Is this code where libstdc++'s atomic waits look some times, and count it,
// before they sleep? How often is then of no consequence.
extern bool (*look_is_librarys)(uintptr_t pc);

// The C++ library's functions at the inner end of a stack of return addresses,
// innermost first, up to the program's own; by name ("std::mutex::lock"). Null:
// nobody knows.
extern std::vector<std::string> (*library_functions)(
    const std::vector<uintptr_t>& stack);

// The clocks of the happens-before order, Relacy's: one entry per thread.
inline void AcquireClock(ThreadId thread, const Timestamp* from) {
  JoinClock(execution.clocks[thread].current, from, execution.capacity);
}
inline void ReleaseClock(ThreadId thread, Timestamp* to) {
  Timestamp* from = execution.clocks[thread].current;
  // An event of its own: what the thread does after it is not covered.
  ++from[thread];
  JoinClock(to, from, execution.capacity);
}

// Events, for a trace. LogEvent returns null unless a log was asked for; the
// event then has its thread, step, and call stack (from `pc` outwards).
Event* LogEvent(EventKind kind, uintptr_t object, uint32_t size, uintptr_t pc);
void FinishLoggedWrite();  // bridge/accesses.cc
inline void Log(EventKind kind, uintptr_t object, uintptr_t pc) {
  if (execution.log != nullptr) LogEvent(kind, object, 0, pc);
}

// The current thread changed `object` (an effective atomic store, an unlock
// after a write, a post, …): whoever spins on it may look again.
void NoteChange(uintptr_t object);

// Whoever spins on `object` may look again. `changed`: somebody changed it, not
// only gave it back as it was.
void WakeSpinners(uintptr_t object, bool changed);

// The current thread is about to be made to wait since it repeats a read from
// `pc` of `object` in vain: says so where that may hide something.
void WithholdRepetition(uintptr_t pc, uintptr_t object);

// The current thread read `object`, or tried and failed: where it does so again
// and again in vain it has to let the others go first, from its next schedule
// point on.
// `repeats`: how often it may do so freely.
void NoteRead(uintptr_t pc, uintptr_t object, uint64_t value,
              int repeats = SpinDetector::kAttempts);

// Does the current thread, which is about to yield, get nowhere by itself? If
// so, it may be made to wait. To be called after NoteRead of object 0.
bool YieldIsInVain(uintptr_t pc);

inline uint64_t Mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
  return hash ^ (hash >> 29);
}

// A hash of the current thread's call stack with `pc` at its end.
inline uint64_t SiteOf(uintptr_t pc) {
  const ThreadState& thread = execution.self();
  const uint32_t depth = std::min(thread.depth, ThreadState::kMaxFrames);
  return depth == 0 ? pc : Mix(thread.sites[depth - 1], pc);
}

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_EXECUTION_H_
