// What a lab may let its students use, and how a call is recognized.
//
// `may_use` in lab.toml lists groups. A lab without the list allows everything
// that has to do with threads. Ordinary C++ (containers, strings, streams,
// exceptions, clocks, function statics, thread_local, shared_ptr) is always
// allowed; some calls never are.
//
// clang-format off
//   group               what it stands for
//   mutex               std::mutex and its kin, pthread_mutex_*, pthread_spin_*
//   shared_mutex        std::shared_mutex, pthread_rwlock_*
//   condition_variable  std::condition_variable(_any), pthread_cond_*
//   semaphore           std::counting_semaphore, sem_init, sem_wait, …
//   atomic              std::atomic, atomic_ref, atomic_flag, fences, __atomic_*
//   thread              std::thread, std::jthread, stop_token, pthread_create
//   future              std::async, future, promise, packaged_task
//   call_once           std::call_once, pthread_once
//   latch               std::latch
//   barrier             std::barrier, pthread_barrier_*
//   absl_mutex          absl::Mutex, CondVar, Notification, …
//   sleep               std::this_thread::sleep_for, nanosleep, usleep
//   process             fork, wait, exec, kill, _exit
//   pipe                pipe, read, write, close, dup, and what poll has
//   socket              socketpair, send, recv, and what pipe has
//   io                  files: open, fopen, std::fstream, and what pipe has
//   mmap                mmap, munmap, msync
//   shared_memory       shm_open, sem_open, memfd_create, ftruncate, and mmap
//   signal              sigaction, raise, alarm, …
// clang-format on
//
// A library's inside does not count: std::async locks mutexes, but who may use
// futures need not be allowed mutexes.

#ifndef RACELAB_BUILD_CAPABILITIES_H_
#define RACELAB_BUILD_CAPABILITIES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace racelab::build {

// Every group's name, in the order above.
const std::vector<std::string>& CapabilityGroups();

// InvalidArgument names the groups that do not exist, and those that do.
absl::Status CheckGroups(const std::vector<std::string>& may_use);

// What a name means, for one that is called but not defined in its object.
struct Meaning {
  enum class Kind {
    kOrdinary,   // always allowed
    kGroup,      // allowed with any of `groups`
    kForbidden,  // never allowed; `why` says what it would do
  };
  Kind kind = Kind::kOrdinary;
  std::vector<std::string_view> groups;
  std::string_view why;
};

// `symbol` as in the object file: "pthread_mutex_lock",
// "_ZN4absl5Mutex4LockEv".
Meaning MeaningOf(const std::string& symbol);

// A component of a library that stands for what it is made of: the group of
// "std::counting_semaphore<4l>::acquire()", found by its linkage name or a
// plain one. `known`: it is a component. Its group is empty if it is ordinary.
struct Component {
  bool known = false;
  std::string_view group;
};
Component ComponentOf(const std::string& function);

// Whether an object may define the name. An empty string, or what it would
// take over: "GoogleTest", "the sanitizer", "libc". `by_hand`: the definition
// stands in a student's file, so it was not made of a library's template.
std::string TakesOver(const std::string& symbol, std::string_view linkage,
                      bool function, bool by_hand);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_CAPABILITIES_H_
