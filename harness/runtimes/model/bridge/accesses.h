// Plain accesses of the program: counted, checked for races, logged.

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_ACCESSES_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_ACCESSES_H_

#include <cstddef>
#include <cstdint>

#include "runtimes/model/execution.h"
#include "runtimes/model/platform/arena.h"
#include "runtimes/model/platform/fiber.h"
#include "runtimes/model/platform/module_state.h"

namespace racelab::model {

// A thread that makes so many accesses without ever synchronizing is taken to
// go on for ever. Most such loops are proven to long before; see LookForCircle.
inline constexpr uint64_t kMaxAccesses = 20'000'000;
// A trace has so many plain accesses between two schedule points at most.
inline constexpr uint64_t kMaxLogged = 1000;

// The program's own memory: its heap, its stacks, its globals. What lies
// elsewhere (the libraries' globals) is theirs.
inline bool IsProgramMemory(uintptr_t address) {
  return Arena::Contains(address) || IsFiberStack(address) ||
         module_state.Contains(address);
}

// Another thread's stack is accessed. Fails if the scope that the address
// belonged to has certainly ended: its thread has ended, or it lies below all
// that the thread's functions have there. (Where other functions of that thread
// lie there by now, nobody can tell.)
void CheckForeignStack(uintptr_t address, uintptr_t pc);
// False: it need not be called.
[[gnu::always_inline]] inline bool ScopeMayHaveEnded(uintptr_t address) {
  if (!IsFiberStack(address)) return false;
  const ThreadId owner = StackOwner(address);
  if (owner == execution.current) return false;
  // 0: not known yet.
  const uintptr_t live = execution.threads[owner].live_stack;
  return live == 0 || address < live;
}
[[gnu::always_inline]] inline void CheckScope(uintptr_t address, uintptr_t pc) {
  if (ScopeMayHaveEnded(address)) [[unlikely]] {
    CheckForeignStack(address, pc);
  }
}

// Fails if the address is of memory that was freed, or of a scope that has
// ended.
void CheckFreed(uintptr_t address, uintptr_t pc);

// For accesses from the kFirstLook-th on without a schedule point. A thread
// that comes by the same access twice with the same state of its own, and has
// changed nothing meanwhile, is in a circle that only another thread's write
// can end; which would be a race, since nothing on the circle synchronizes. So
// the others run first; where nobody is left to run, it is a livelock.
void LookForCircle(uintptr_t address, uintptr_t pc);
[[noreturn]] void ReportStackOverflow(uintptr_t pc);
// An access that ends the execution, unless it is the last event already.
void LogLastAccess(uintptr_t address, size_t size, bool is_write, uintptr_t pc);
// Ends the execution, unless the two accesses are a known fault of the C++
// library's own.
void ReportRace(const RaceInfo& race, bool is_write, uintptr_t pc);
void LogPlainAccess(uintptr_t address, size_t size, bool is_write,
                    uintptr_t pc);

// The whole of PlainRead and PlainWrite where they are not brief. To be called
// last: so the brief ones need no stack.
//   Check…: memory that is not the program's, which nobody checks, another
//           thread's stack, several words, or a comparison with earlier
//           accesses;
//   Note…:  an access from the Execution::access_limit-th on.
void CheckRead(uintptr_t address, size_t size, uintptr_t pc);
void CheckWrite(uintptr_t address, size_t size, uintptr_t pc);
void NotePlainRead(uintptr_t address, size_t size, uintptr_t pc);
void NotePlainWrite(uintptr_t address, size_t size, uintptr_t pc);

// No other thread has done, or will do, anything that is not ordered with what
// the current one does now (Execution::sole): only memory that was freed, and
// scopes that have ended, are of interest.
[[gnu::always_inline]] inline bool CannotConflict(uintptr_t address) {
  const Execution& e = execution;
  return e.sole && !(e.freed && Arena::Contains(address));
}

// A plain write to the program's memory besides the check.
[[gnu::always_inline]] inline void FinishWrite(uintptr_t address, size_t size) {
  Execution& e = execution;
  if (!IsFiberStack(address)) {
    ThreadState& self = e.self();
    ++e.changes;
    ++self.changes;
    self.spin.Reset();
  }
  if (e.memory->MayHold(address, size)) [[unlikely]] {
    e.memory->PlainStore(e.current, address, size);
  }
}

[[gnu::always_inline]] inline void ReadBriefly(uintptr_t address, size_t size,
                                               uintptr_t pc) {
  Execution& e = execution;
  if (ScopeMayHaveEnded(address)) [[unlikely]] {
    CheckRead(address, size, pc);
    return;
  }
  if (CannotConflict(address)) return;
  if (!e.shadow->TryRead(address, size, pc, e.step)) [[unlikely]] {
    CheckRead(address, size, pc);
  }
}

[[gnu::always_inline]] inline void WriteBriefly(uintptr_t address, size_t size,
                                                uintptr_t pc) {
  Execution& e = execution;
  if (ScopeMayHaveEnded(address)) [[unlikely]] {
    CheckWrite(address, size, pc);
    return;
  }
  if (CannotConflict(address)) {
    if (!IsProgramMemory(address)) return;
  } else if (!e.shadow->TryWrite(address, size, pc, e.step)) [[unlikely]] {
    CheckWrite(address, size, pc);
    return;
  }
  FinishWrite(address, size);
}

[[gnu::always_inline]] inline void PlainRead(uintptr_t address, size_t size,
                                             uintptr_t pc) {
  Execution& e = execution;
  if (++e.accesses >= e.access_limit) [[unlikely]] {
    NotePlainRead(address, size, pc);
  } else {
    ReadBriefly(address, size, pc);
  }
}

[[gnu::always_inline]] inline void PlainWrite(uintptr_t address, size_t size,
                                              uintptr_t pc) {
  Execution& e = execution;
  if (++e.accesses >= e.access_limit) [[unlikely]] {
    NotePlainWrite(address, size, pc);
  } else {
    WriteBriefly(address, size, pc);
  }
}

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_ACCESSES_H_
