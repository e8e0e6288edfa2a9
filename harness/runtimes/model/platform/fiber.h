// Fibers: the threads of the program under test, all on one kernel thread.
//
// Each fiber has a stack of its own with a guard page below. Of a module with
// thread_locals it has a thread pointer (FS base) of its own too, borrowed from
// a pthread that was started for that purpose and sleeps for ever. So
// thread_local, errno and the exception state of the C++ runtime belong to the
// fiber, as they would belong to a thread. Setting the thread pointer takes a
// system call where the processor or the kernel does not allow wrfsbase.
//
// A module without thread_locals of its own is run on one thread pointer, and
// only the few words of the C and C++ runtimes that matter are exchanged when
// fibers are switched (kExchange): that is faster than any other way.
//
// Stacks lie at fixed addresses: an execution that is repeated in another
// process sees the same addresses.
//
// Thread safety: none; everything here runs on the kernel thread that called
// FiberPool::Get first.

#ifndef RACELAB_RUNTIMES_MODEL_PLATFORM_FIBER_H_
#define RACELAB_RUNTIMES_MODEL_PLATFORM_FIBER_H_

#include <cstddef>
#include <cstdint>

#include "runtimes/model/op.h"

namespace racelab::model {

// As much as a thread has on Linux, and what the runner itself may need there:
// a program that needs more overflows its stack everywhere. What is not used
// costs nothing.
inline constexpr size_t kProgramsStack = size_t{8} << 20;
inline constexpr size_t kStackReserve = size_t{64} << 10;
inline constexpr size_t kFiberStackSize = kProgramsStack + kStackReserve;
inline constexpr size_t kFiberGuardSize = size_t{4} << 20;
inline constexpr uintptr_t kStacksBase = 0x640000000000;
inline constexpr size_t kStackStride = size_t{16} << 20;
// Each ends a page lower in its stride than the one before: so their pages have
// different places in the shadow's cache.
inline constexpr size_t kStackStagger = size_t{4} << 10;
static_assert(kFiberStackSize + kFiberGuardSize + kStackStagger * kMaxThreads <=
              kStackStride);
inline constexpr uintptr_t kStacksEnd =
    kStacksBase + kStackStride * static_cast<size_t>(kMaxThreads);

inline bool IsFiberStack(uintptr_t address) {
  return address - kStacksBase < kStacksEnd - kStacksBase;
}
// Which fiber's stack (guard included) an address in the region belongs to.
inline ThreadId StackOwner(uintptr_t address) {
  return static_cast<ThreadId>((address - kStacksBase) / kStackStride);
}
inline uintptr_t StackHigh(ThreadId thread) {
  return kStacksBase + kStackStride +
         (kStackStride - kStackStagger) * static_cast<size_t>(thread);
}
inline uintptr_t StackLow(ThreadId thread) {
  return StackHigh(thread) - kFiberStackSize;
}
// True where a stack that grew too far touches memory.
inline bool IsStackGuard(uintptr_t address) {
  return IsFiberStack(address) && address < StackLow(StackOwner(address));
}

// Do without the instruction for thread pointers, as on a machine that has none
// (or whose kernel forbids it). For tests: to be set before the first fiber is
// prepared.
extern bool avoid_wrfsbase;

enum class ThreadPointerMode : uint8_t { kWrFsBase, kSystemCall, kExchange };

// To be called before the first fiber is prepared, and whenever it turns out
// that the module has thread_locals.
void ChooseThreadPointerMode(bool has_thread_locals);

// The runtimes' thread_locals that outlive a schedule point.
struct RuntimeLocals {
  void* caught_exceptions = nullptr;
  uint64_t uncaught_exceptions = 0;
  void* once_callable = nullptr;
  void (*once_call)() = nullptr;
  int error_number = 0;
};

struct Fiber {
  void* stack_pointer = nullptr;  // while it does not run
  uintptr_t thread_pointer = 0;
  void (*entry)(void*) = nullptr;
  void* argument = nullptr;
  uintptr_t stack_high = 0;  // 0: the kernel thread's own stack
  RuntimeLocals locals;      // in kExchange, while it does not run
};

// Puts the fiber back before its entry function: the next switch to it starts
// that function. Whatever it had on its stack is forgotten.
void RestartFiber(Fiber& fiber);

// Called on a fiber that starts: no exception is being handled.
void ResetRuntimeLocals();

// Where a fiber that does not run, with this stack pointer, called what
// switched away from it: the frame pointer of that function.
inline uintptr_t SavedFramePointer(const void* stack_pointer) {
  return static_cast<const uintptr_t*>(stack_pointer)[5];
}

// Leaves `from`, which must be running, and continues `to`.
void SwitchFiber(Fiber& from, Fiber& to);

// Makes fiber `index`'s stack and thread pointer ready, or finds them ready.
// False: the machine gave no memory or no thread.
bool PrepareFiber(Fiber& fiber, ThreadId index, void (*entry)(void*),
                  void* argument);

// How many threads of the process there are only for the fibers' sake: each
// lends its thread pointer, and sleeps as long as the process lives.
int LendingThreads();

// The pthread_t of the thread that runs on fiber `index`.
uintptr_t HandleOf(ThreadId index);
// Which of the first `fibers` ones has that handle; -1: none.
ThreadId FiberOf(uintptr_t handle, int fibers);

// The fiber of the kernel thread itself.
void AdoptMainFiber(Fiber& fiber);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_PLATFORM_FIBER_H_
