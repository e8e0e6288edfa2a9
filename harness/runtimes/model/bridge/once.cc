// Things done once: function statics (__cxa_guard_*) and pthread_once, which
// std::call_once stands on.

#include <dlfcn.h>
#include <pthread.h>

#include <cstdint>

#include "runtimes/model/bridge/accesses.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/platform/real.h"
#include "runtimes/model/sync_objects.h"
#include "runtimes/model/waiting.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

namespace racelab::model {
namespace {

// Whoever is first locks the object while it initializes; the others wait for
// the lock and find it done. True: this thread is to do it.
bool Begin(uintptr_t address, bool done_before, uintptr_t pc) {
  Execution& e = execution;
  SyncObject& once = Sync(address, SyncKind::kOnce);
  if (once.owner == e.current) {
    Fail(verdict::FailureKind::kDeadlock,
         "An initialization that is to run once needs itself: it waits for "
         "itself for ever.",
         pc, address);
  }
  LockWhenFree(once, false, 0, pc);
  if (!once.ready && !done_before) return true;
  DropLock(once);
  return false;
}

void End(uintptr_t address, bool done) {
  SyncObject& once = Sync(address, SyncKind::kOnce);
  once.ready = done;
  DropLock(once);
  if (execution.created > 1) {
    Executed({.kind = OpKind::kUnlock, .object = address});
  }
}

}  // namespace
}  // namespace racelab::model

using namespace racelab::model;

namespace {

template <typename Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

// The lock's address: the guard's second byte, so that it is not taken for the
// atomic flag in the first.
uintptr_t LockOf(const uint8_t* guard) {
  return reinterpret_cast<uintptr_t>(guard) + 1;
}

// What a library does once is done for all executions.
bool IsPrograms(const void* guard) {
  return InProgram() && IsProgramMemory(reinterpret_cast<uintptr_t>(guard));
}

}  // namespace

extern "C" {

// The compiler has loaded the first byte (acquire) and found it 0.
int __cxa_guard_acquire(uint8_t* guard) {
  if (!IsPrograms(guard)) {
    return Next<int (*)(uint8_t*)>("__cxa_guard_acquire")(guard);
  }
  Bridge bridge;
  return Begin(LockOf(guard), *guard != 0, RACELAB_PC) ? 1 : 0;
}

void __cxa_guard_release(uint8_t* guard) noexcept {
  if (!IsPrograms(guard)) {
    Next<void (*)(uint8_t*)>("__cxa_guard_release")(guard);
    return;
  }
  Bridge bridge;
  Execution& e = execution;
  // Publishes the initialized object to the compiler's acquire load.
  e.memory->Store({e.current, reinterpret_cast<uintptr_t>(guard), 1,
                   Order::kRelease, RACELAB_PC},
                  Value{1, 0});
  RaceInfo race;
  e.shadow->AtomicWrite(e.current, reinterpret_cast<uintptr_t>(guard), 1,
                        RACELAB_PC, e.step, &race);
  NoteChange(reinterpret_cast<uintptr_t>(guard));
  if (e.created > 1) {
    Executed({.kind = OpKind::kStore,
              .order = Order::kRelease,
              .size = 1,
              .object = reinterpret_cast<uintptr_t>(guard)});
  }
  End(LockOf(guard), true);
}

void __cxa_guard_abort(uint8_t* guard) noexcept {
  if (!IsPrograms(guard)) {
    Next<void (*)(uint8_t*)>("__cxa_guard_abort")(guard);
    return;
  }
  Bridge bridge;
  End(LockOf(guard), false);
}

int pthread_once(pthread_once_t* control, void (*routine)()) {
  if (!IsPrograms(control)) return Real().pthread_once(control, routine);
  const auto address = reinterpret_cast<uintptr_t>(control);
  {
    Bridge bridge;
    if (!Begin(address, false, RACELAB_PC)) return 0;
  }
  try {
    routine();
  } catch (...) {
    Bridge bridge;
    End(address, false);
    throw;
  }
  Bridge bridge;
  End(address, true);
  return 0;
}

}  // extern "C"
