#include "runtimes/model/platform/fiber.h"

#include <asm/prctl.h>
#include <cxxabi.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>

#include "runtimes/model/platform/real.h"

// Saves the callee-saved registers on the stack that is left, and restores them
// from the one that is entered. With wrfsbase in between, where the kernel
// allows it in user mode.
extern "C" void racelab_switch_fsgsbase(void** save, void* load,
                                        uintptr_t thread_pointer);
extern "C" void racelab_switch_plain(void** save, void* load);
extern "C" void racelab_fiber_start();

asm(R"(
.text
.type racelab_switch_fsgsbase,@function
racelab_switch_fsgsbase:
  .cfi_startproc
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  wrfsbase %rdx
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  retq
  .cfi_endproc
.size racelab_switch_fsgsbase,.-racelab_switch_fsgsbase

.type racelab_switch_plain,@function
racelab_switch_plain:
  .cfi_startproc
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  retq
  .cfi_endproc
.size racelab_switch_plain,.-racelab_switch_plain

.type racelab_fiber_start,@function
racelab_fiber_start:
  .cfi_startproc
  .cfi_undefined rip
  xorl %ebp, %ebp
  movq %r13, %rdi
  callq *%r12
  ud2
  .cfi_endproc
.size racelab_fiber_start,.-racelab_fiber_start
)");

namespace racelab::model {
namespace {

// From the kernel's uapi: AT_HWCAP2's bit for rdfsbase and friends.
constexpr unsigned long kHwcap2FsGsBase = 1ul << 1;

ThreadPointerMode mode = ThreadPointerMode::kSystemCall;

// Where the runtimes' thread_locals are; in kExchange, always the same place.
struct ExceptionGlobals {  // __cxa_eh_globals, by the Itanium ABI
  void* caught;
  unsigned uncaught;
};
ExceptionGlobals* exception_globals = nullptr;
int* error_number = nullptr;
void** once_callable = nullptr;
void (**once_call)() = nullptr;

void Exchange(RuntimeLocals& from, const RuntimeLocals& to) {
  from.caught_exceptions = exception_globals->caught;
  from.uncaught_exceptions = exception_globals->uncaught;
  from.once_callable = *once_callable;
  from.once_call = *once_call;
  from.error_number = *error_number;
  exception_globals->caught = to.caught_exceptions;
  exception_globals->uncaught = static_cast<unsigned>(to.uncaught_exceptions);
  *once_callable = to.once_callable;
  *once_call = to.once_call;
  *error_number = to.error_number;
}

void SetThreadPointer(uintptr_t value) {
  // Not through syscall(): errno would be touched under the wrong thread
  // pointer, and the function is interposed.
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(static_cast<long>(SYS_arch_prctl)),
                 "D"(static_cast<long>(ARCH_SET_FS)), "S"(value)
               : "rcx", "r11", "memory");
}

struct Lender {
  std::atomic<uintptr_t> thread_pointer{0};
};
Lender lenders[kMaxThreads];

// Lends its thread pointer and sleeps until the process ends.
void* Lend(void* argument) {
  auto* lender = static_cast<Lender*>(argument);
  // Release: publishes the thread's control block, fully set up by now, to the
  // acquire load in PrepareFiber.
  lender->thread_pointer.store(
      reinterpret_cast<uintptr_t>(__builtin_thread_pointer()),
      std::memory_order_release);
  static int never = 0;
  for (;;) {
    long result;
    register long r10 asm("r10") = 0;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(static_cast<long>(SYS_futex)), "D"(&never),
                   "S"(static_cast<long>(FUTEX_WAIT_PRIVATE)), "d"(0l), "r"(r10)
                 : "rcx", "r11", "memory");
  }
  return nullptr;
}

uintptr_t BorrowThreadPointer(ThreadId index) {
  Lender& lender = lenders[index];
  uintptr_t pointer = lender.thread_pointer.load(std::memory_order_acquire);
  if (pointer != 0) return pointer;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, size_t{64} << 10);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  const int failed =
      Real().pthread_create(&thread, &attributes, &Lend, &lender);
  pthread_attr_destroy(&attributes);
  if (failed != 0) return 0;
  while ((pointer = lender.thread_pointer.load(std::memory_order_acquire)) ==
         0) {
    Real().sched_yield();
  }
  return pointer;
}

bool MapStack(ThreadId index) {
  static bool mapped[kMaxThreads];
  if (mapped[index]) return true;
  auto* low = reinterpret_cast<void*>(StackLow(index));
  auto* guard = reinterpret_cast<char*>(low) - kFiberGuardSize;
  void* area = mmap(
      guard, kFiberGuardSize + kFiberStackSize, PROT_NONE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (area != guard) return false;
  if (mprotect(low, kFiberStackSize, PROT_READ | PROT_WRITE) != 0) return false;
  mapped[index] = true;
  return true;
}

}  // namespace

bool avoid_wrfsbase = false;

void RestartFiber(Fiber& fiber) {
  // As racelab_switch_… pops them: r15 r14 r13 r12 rbx rbp, return address.
  // Two words above keep the stack aligned at the call.
  auto** top = reinterpret_cast<void**>(fiber.stack_high) - 9;
  top[0] = nullptr;
  top[1] = nullptr;
  top[2] = fiber.argument;
  top[3] = reinterpret_cast<void*>(fiber.entry);
  top[4] = nullptr;
  top[5] = nullptr;
  top[6] = reinterpret_cast<void*>(&racelab_fiber_start);
  top[7] = nullptr;
  fiber.stack_pointer = top;
  fiber.locals = RuntimeLocals();
}

void ChooseThreadPointerMode(bool has_thread_locals) {
  if (has_thread_locals) {
    const bool allowed = (getauxval(AT_HWCAP2) & kHwcap2FsGsBase) != 0;
    mode = allowed && !avoid_wrfsbase ? ThreadPointerMode::kWrFsBase
                                      : ThreadPointerMode::kSystemCall;
    return;
  }
  mode = ThreadPointerMode::kExchange;
  exception_globals =
      reinterpret_cast<ExceptionGlobals*>(abi::__cxa_get_globals());
  error_number = &errno;
  once_callable = &std::__once_callable;
  once_call = &std::__once_call;
  // shared_ptr would count without atomic operations; the C library itself
  // sets this when it starts a thread, which it does not do here.
  __libc_single_threaded = 0;
}

void ResetRuntimeLocals() {
  if (mode == ThreadPointerMode::kExchange) return;  // RestartFiber did
  auto* globals = reinterpret_cast<ExceptionGlobals*>(abi::__cxa_get_globals());
  globals->caught = nullptr;
  globals->uncaught = 0;
}

void SwitchFiber(Fiber& from, Fiber& to) {
  if (&from == &to) return;
  switch (mode) {
    case ThreadPointerMode::kWrFsBase:
      racelab_switch_fsgsbase(&from.stack_pointer, to.stack_pointer,
                              to.thread_pointer);
      break;
    case ThreadPointerMode::kSystemCall:
      SetThreadPointer(to.thread_pointer);
      racelab_switch_plain(&from.stack_pointer, to.stack_pointer);
      break;
    case ThreadPointerMode::kExchange:
      Exchange(from.locals, to.locals);
      racelab_switch_plain(&from.stack_pointer, to.stack_pointer);
      break;
  }
}

bool PrepareFiber(Fiber& fiber, ThreadId index, void (*entry)(void*),
                  void* argument) {
  if (!MapStack(index)) return false;
  fiber.thread_pointer =
      mode == ThreadPointerMode::kExchange
          ? reinterpret_cast<uintptr_t>(__builtin_thread_pointer())
          : BorrowThreadPointer(index);
  fiber.entry = entry;
  fiber.argument = argument;
  // Stacks lie at multiples of their stride: without the second term, all of
  // them would compete for the same lines of the processor's cache.
  fiber.stack_high = StackHigh(index) - static_cast<size_t>(index % 8) * 448;
  if (fiber.thread_pointer == 0) return false;
  RestartFiber(fiber);
  return true;
}

int LendingThreads() {
  return static_cast<int>(std::ranges::count_if(lenders, [](const Lender& one) {
    return one.thread_pointer.load(std::memory_order_relaxed) != 0;
  }));
}

uintptr_t HandleOf(ThreadId index) {
  return mode == ThreadPointerMode::kExchange
             ? StackLow(index)
             : lenders[index].thread_pointer.load(std::memory_order_relaxed);
}

ThreadId FiberOf(uintptr_t handle, int fibers) {
  if (mode == ThreadPointerMode::kExchange) {
    if (!IsFiberStack(handle)) return -1;
    const ThreadId index = StackOwner(handle);
    return index < fibers && handle == StackLow(index) ? index : -1;
  }
  for (int t = 0; t < fibers; ++t) {
    if (HandleOf(t) == handle) return t;
  }
  return -1;
}

void AdoptMainFiber(Fiber& fiber) {
  fiber = Fiber{};
  fiber.thread_pointer =
      reinterpret_cast<uintptr_t>(__builtin_thread_pointer());
}

}  // namespace racelab::model
