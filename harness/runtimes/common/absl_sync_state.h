// Abseil's synchronization, restated on pthreads: for runner.tsan and
// runner.model, which know pthread calls but nothing of Debian's libabsl – it
// is not instrumented, so correct code under absl::Mutex would be reported as
// racing.
//
// The definitions in absl_sync_*.cc stand in for the library's at link level,
// against Abseil's own headers (Debian's 20220623): Mutex, ReaderLock,
// Condition waiting, CondVar, Notification, BlockingCounter, Barrier. An
// absl::Mutex is one word; here that word points to a pthread lock, made when
// first used.
//
// What a lock orders is what pthreads order: unlocking a writer before the next
// lock, readers not among themselves (a write under ReaderLock is a race, and
// is reported). One edge too many remains: CondVar::Signal orders the signaller
// before the thread that it wakes.
//
// Differences from the library: no deadlock detection, profiling or invariant
// debugging (its calls do nothing), and no fairness.
//
// Thread safety: as the classes restated.

#ifndef RACELAB_RUNTIMES_COMMON_ABSL_SYNC_STATE_H_
#define RACELAB_RUNTIMES_COMMON_ABSL_SYNC_STATE_H_

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

extern "C" {
// The runner's: where it is inside which call of the module's.
void __tsan_func_entry(void* call_site);
void __tsan_func_exit();

// Weak: a runner has them or not.
// The end of what Abseil's headers tell ThreadSanitizer of a new mutex.
void __tsan_mutex_destroy(void* address, unsigned flags) __attribute__((weak));
// A misuse, to be told as a finding. Returning means that nobody could.
void racelab_misuse(const char* what) __attribute__((weak));
// Memory of `size` bytes for a state, 16-aligned, and back. Where libtsan's
// malloc would count as an access by the thread that came first.
void* racelab_absl_allocate(size_t size) __attribute__((weak));
void racelab_absl_free(void* memory) __attribute__((weak));
// A thread uses the absl object there, or ends its life. For an engine that
// would not know of a use after the end, which finds no state.
void racelab_absl_used(void* object) __attribute__((weak));
void racelab_absl_ended(void* object) __attribute__((weak));
}

namespace racelab::runtimes {

// Behind an absl::Mutex.
struct AbslMutexState {
  pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
  // The thread that holds it exclusively: the address of its `me`, or null.
  // Only the holder's own comparison means anything, so relaxed suffices.
  std::atomic<const void*> writer{nullptr};
  std::atomic<int> readers{0};

  // Waiters for a condition sleep here until somebody is about to unlock.
  // `unlocks` is guarded by `inner`; so are writes of `waiters`, which are made
  // while `lock` is held too, so that whoever locks afterwards sees them.
  // `inner` is taken inside `lock`, never the other way round.
  std::atomic<int> waiters{0};
  pthread_mutex_t inner = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t unlocked = PTHREAD_COND_INITIALIZER;
  uint64_t unlocks = 0;
};

// Behind an absl::CondVar.
struct AbslCondVarState {
  pthread_mutex_t inner = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t signalled = PTHREAD_COND_INITIALIZER;
};

template <typename State>
State* NewState() {
  void* memory = racelab_absl_allocate != nullptr
                     ? racelab_absl_allocate(sizeof(State))
                     : ::operator new(sizeof(State));
  return new (memory) State;
}

template <typename State>
void DeleteState(State* state) {
  if (racelab_absl_free != nullptr) {
    racelab_absl_free(state);
  } else {
    ::operator delete(state);
  }
}

// While it lives, accesses made here count as made at the call in the module.
class Frame {
 public:
  explicit Frame(void* call_site) { __tsan_func_entry(call_site); }
  ~Frame() { __tsan_func_exit(); }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
};
#define RACELAB_FRAME \
  const ::racelab::runtimes::Frame racelab_frame(__builtin_return_address(0))

// The state behind the word of an absl object, made by whoever comes first. Not
// instrumented: making it orders nothing that an engine sees.
template <typename State>
State& StateOf(void* object) {
  if (racelab_absl_used != nullptr) racelab_absl_used(object);
  auto& word = *static_cast<std::atomic<intptr_t>*>(object);
  // Acquire and release: publish the new state to whoever finds it.
  intptr_t found = word.load(std::memory_order_acquire);
  if (found == 0) {
    auto* made = NewState<State>();
    if (word.compare_exchange_strong(found, reinterpret_cast<intptr_t>(made),
                                     std::memory_order_acq_rel)) {
      return *made;
    }
    DeleteState(made);
  }
  return *reinterpret_cast<State*>(found);
}

// Its state if it has one yet, taken away from it.
template <typename State>
State* TakeState(void* object) {
  if (racelab_absl_ended != nullptr) racelab_absl_ended(object);
  auto& word = *static_cast<std::atomic<intptr_t>*>(object);
  return reinterpret_cast<State*>(word.exchange(0, std::memory_order_acq_rel));
}

// Tells what was done wrong and aborts, as the library does.
[[noreturn]] void AbslMisuse(const char* what);

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_ABSL_SYNC_STATE_H_
