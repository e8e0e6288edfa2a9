#include "runtimes/tsan/canary.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>

#include <atomic>

#include "runtimes/common/raw_syscall.h"

// libtsan's: past the runner's own pthread wrappers, and what a compiler would
// emit for `word = 1`.
extern "C" {
int __interceptor_pthread_create(pthread_t*, const pthread_attr_t*,
                                 void* (*)(void*), void*);
int __interceptor_pthread_join(pthread_t, void**);
void __tsan_func_entry(void*);
void __tsan_func_exit();
void __tsan_write4(void*);
}

namespace racelab::tsan {
namespace {

alignas(8) int word = 0;

// Relaxed and not instrumented: orders the two writes in time, for the
// hardware, and publishes nothing. Whose turn it is: 0 the first, 1 the second.
// Waited for by system calls, which libtsan does not see either: who spins on a
// busy machine keeps the other from its turn.
std::atomic<int> turn{0};

void AwaitTurn(int mine) {
  for (;;) {
    const int now = turn.load(std::memory_order_relaxed);
    if (now == mine) return;
    runtimes::RawSyscall(SYS_futex, reinterpret_cast<long>(&turn),
                         FUTEX_WAIT_PRIVATE, now, 0);
  }
}

void GiveTurn(int whose) {
  turn.store(whose, std::memory_order_relaxed);
  runtimes::RawSyscall(SYS_futex, reinterpret_cast<long>(&turn),
                       FUTEX_WAKE_PRIVATE, 2);
}

void* WriteInTurn(void* argument) {
  const int mine = argument == nullptr ? 0 : 1;
  AwaitTurn(mine);
  __tsan_func_entry(__builtin_return_address(0));
  __tsan_write4(&word);
  __tsan_func_exit();
  GiveTurn(mine + 1);
  return nullptr;
}

}  // namespace

uintptr_t CanaryAddress() { return reinterpret_cast<uintptr_t>(&word); }

void WarmUp() {
  pthread_t thread;
  if (__interceptor_pthread_create(
          &thread, nullptr, [](void* nothing) { return nothing; }, nullptr) ==
      0) {
    __interceptor_pthread_join(thread, nullptr);
  }
}

void RunCanary() {
  turn.store(-1, std::memory_order_relaxed);
  pthread_t first, second;
  if (__interceptor_pthread_create(&first, nullptr, WriteInTurn, nullptr) !=
      0) {
    return;
  }
  const bool both =
      __interceptor_pthread_create(&second, nullptr, WriteInTurn, &word) == 0;
  GiveTurn(0);
  __interceptor_pthread_join(first, nullptr);
  if (both) __interceptor_pthread_join(second, nullptr);
}

}  // namespace racelab::tsan
