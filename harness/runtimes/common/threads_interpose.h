// Between threads.cc and the wrappers of threads_interpose.cc.
//
// Thread safety: called by the thread that the call is about.

#ifndef RACELAB_RUNTIMES_COMMON_THREADS_INTERPOSE_H_
#define RACELAB_RUNTIMES_COMMON_THREADS_INTERPOSE_H_

#include <pthread.h>

#include "runtimes/common/blackboard.h"

namespace racelab::runtimes {

// Before a call that synchronizes: perhaps a yield, or a sleep.
void Disturb();

// While it lives, the calling thread is blocked, or about to be. Opens the
// gate.
class Waiting {
 public:
  Waiting(WaitKind kind, const volatile void* object, bool timed);
  ~Waiting();
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  ThreadSlot* slot_;
  // Waits nest: a wrapper that is used for the first time may have to wait for
  // another thread that is looking up the same libc function.
  WaitKind outer_kind_ = WaitKind::kNone;
  uintptr_t outer_object_ = 0;
  bool outer_timed_ = false;
};

// A slot for the thread that the caller is about to create; null if the caller
// is not observed, or there are too many. The thread must run RunThread(slot);
// then one of the other two is due.
ThreadSlot* NewThread(void* (*routine)(void*), void* argument, bool detached);
void ThreadCreated(ThreadSlot& slot, pthread_t thread);
void ThreadNotCreated(ThreadSlot& slot);
void* RunThread(void* slot);

// The observed thread of that handle, not yet joined; or null.
ThreadSlot* FindThread(pthread_t thread);

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_THREADS_INTERPOSE_H_
