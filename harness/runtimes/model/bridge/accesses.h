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
// From so many accesses on, circles are looked for.
inline constexpr uint64_t kFirstLook = 2000;
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
[[gnu::always_inline]] inline void CheckScope(uintptr_t address, uintptr_t pc) {
  const uintptr_t offset = address - kStacksBase;
  if (offset >= kStacksEnd - kStacksBase) return;
  const ThreadId owner = StackOwner(address);
  if (owner == execution.current) return;
  // 0: not known yet.
  const uintptr_t live = execution.threads[owner].live_stack;
  if (live == 0 || address < live) [[unlikely]]
    CheckForeignStack(address, pc);
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

// The unusual case: touches several words, or must be compared with more than
// one earlier access.
void CheckRead(uintptr_t address, size_t size, uintptr_t pc);
void CheckWrite(uintptr_t address, size_t size, uintptr_t pc);

[[gnu::always_inline]] inline void PlainRead(uintptr_t address, size_t size, uintptr_t pc) {
  Execution& e = execution;
  if (!e.active) return;
  if (++e.accesses >= kFirstLook) LookForCircle(address, pc);
  if (!IsProgramMemory(address)) return;
  if (e.log != nullptr && e.accesses < kMaxLogged) {
    LogPlainAccess(address, size, false, pc);
  }
  CheckScope(address, pc);
  if (!e.shadow->TryRead(e.current, address, size, pc, e.step)) {
    CheckRead(address, size, pc);
  }
}

[[gnu::always_inline]] inline void PlainWrite(uintptr_t address, size_t size, uintptr_t pc) {
  Execution& e = execution;
  if (!e.active) return;
  if (++e.accesses >= kFirstLook) LookForCircle(address, pc);
  if (!IsProgramMemory(address)) return;
  if (e.log != nullptr && e.accesses < kMaxLogged) {
    LogPlainAccess(address, size, true, pc);
  }
  CheckScope(address, pc);
  ThreadState& self = e.self();
  if (!IsFiberStack(address)) {
    ++e.changes;
    ++self.changes;
    self.spin.Reset();
  }
  if (!e.shadow->TryWrite(e.current, address, size, pc, e.step)) {
    CheckWrite(address, size, pc);
  }
  if (e.memory->MayHold(address, size)) [[unlikely]] {
    e.memory->PlainStore(e.current, address, size);
  }
}

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_ACCESSES_H_
