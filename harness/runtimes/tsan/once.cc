// pthread_once, which std::call_once stands on, in place of libtsan's: that one
// never learns that the function threw, and lets everybody else wait for ever.
// By the C++ standard another then calls it, after all that this one did.

#include <pthread.h>
#include <sched.h>

#include <atomic>

extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
}

namespace {

// PTHREAD_ONCE_INIT is kFresh.
enum State : int { kFresh, kRunning, kDone };
static_assert(PTHREAD_ONCE_INIT == kFresh);

}  // namespace

extern "C" int pthread_once(pthread_once_t* once, void (*function)()) {
  const std::atomic_ref<int> state(*once);
  for (;;) {
    int seen = state.load(std::memory_order_acquire);
    if (seen == kDone) {
      __tsan_acquire(once);
      return 0;
    }
    if (seen == kFresh && state.compare_exchange_strong(
                              seen, kRunning, std::memory_order_acquire)) {
      break;
    }
    sched_yield();
  }
  __tsan_acquire(once);
  try {
    function();
  } catch (...) {
    __tsan_release(once);
    state.store(kFresh, std::memory_order_release);
    throw;
  }
  __tsan_release(once);
  state.store(kDone, std::memory_order_release);
  return 0;
}
