// std::notify_all_at_thread_exit and what makes a future ready when its thread
// has ended: code of libstdc++.so, which nobody instrumented, and which keeps
// what it does once per process where no execution starts afresh.
//
// This file is compiled with -fsanitize=thread, in place of the module: so the
// engine sees what is done here. The program's calls come here since a runner's
// symbols stand before the library's.
//
// Take it whole into a runner that answers __tsan_*.

#include "runtimes/common/library_at_exit.h"

#include <atomic>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <new>

#include "runtimes/common/absl_sync_state.h"

namespace racelab::runtimes {
namespace {

struct Notifier : std::__at_thread_exit_elt {
  std::condition_variable* condition;
  std::mutex* mutex;
};

void Notify(void* argument) {
  auto* const notifier =
      static_cast<Notifier*>(static_cast<std::__at_thread_exit_elt*>(argument));
  std::condition_variable* const condition = notifier->condition;
  std::mutex* const mutex = notifier->mutex;
  racelab_absl_free(notifier);
  mutex->unlock();
  condition->notify_all();
}

}  // namespace
}  // namespace racelab::runtimes

namespace std {

__attribute__((visibility("default"))) void notify_all_at_thread_exit(
    condition_variable& condition, unique_lock<mutex> lock) {
  auto* const notifier =
      new (racelab_absl_allocate(sizeof(racelab::runtimes::Notifier)))
          racelab::runtimes::Notifier();
  notifier->_M_cb = &racelab::runtimes::Notify;
  notifier->condition = &condition;
  notifier->mutex = lock.release();
  racelab::runtimes::AtThreadExit(notifier);
}

__attribute__((visibility("default"))) void
__future_base::_State_baseV2::_Make_ready::_M_set() {
  _M_cb = &_Make_ready::_S_run;
  racelab::runtimes::AtThreadExit(this);
}

void __future_base::_State_baseV2::_Make_ready::_S_run(void* argument) {
  const unique_ptr<_Make_ready> ready(
      static_cast<_Make_ready*>(static_cast<__at_thread_exit_elt*>(argument)));
  if (const auto state = ready->_M_shared_state.lock()) {
    // Release: so that whoever sees it sees the result, too.
    state->_M_status._M_store_notify_all(_Status::__ready,
                                         memory_order_release);
  }
}

}  // namespace std
