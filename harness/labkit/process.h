// What the scenario of a process lab may use beside labkit.h: children, pipes,
// socketpairs, shared memory, and trouble to order.
//
//   TEST(Ledger, SurvivesAWorkerThatIsKilled) {
//     labkit::Shared<int> done;  // one int for all processes
//     labkit::Child worker([&] {
//       labkit::KillAt trouble("after the debit");  // in this process only
//       ledger->Transfer(0, 1, 10);                 // passes that KillPoint
//       *done = 1;
//     });
//     EXPECT_EQ(worker.Wait().signal, SIGKILL);
//     EXPECT_EQ(*done, 0);
//     EXPECT_EQ(ledger->Total(), 200);
//   }
//
// Process labs say `kind = "processes"` and name the engine "process": its
// runner calls each TEST for real, several times, in a fresh process, and looks
// afterwards whether the test has left anything behind: a child that nobody
// waited for, an open descriptor, a shared mapping, a name in /dev/shm. What is
// left is a failure of kind "leak". If nothing moves any more, the runner looks
// what each process waits for; a circle is a "deadlock".
//
// What processes share, two threads of one process share as well, and libtsan
// sees them: a CONCURRENT_TEST with RunTogether() and the engine "tsan" finds
// the accesses that nothing orders, which real processes show by luck only. No
// trouble is made there: ShortIo and KillAt do nothing.
//
// GoogleTest's expectations work in the test's own process only. A child tells
// by its exit code, or through Shared<T> or a pipe.
//
// Thread safety: values; each object by one thread. Shared<T> synchronizes
// nothing: that is the students' business.

#ifndef RACELAB_LABKIT_PROCESS_H_
#define RACELAB_LABKIT_PROCESS_H_

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <new>
#include <utility>

#include "labkit/labkit.h"
#include "labkit/process_hooks.h"

namespace labkit {

// How a child ended: exactly one of the two is set.
struct ExitStatus {
  int code = -1;   // of _exit(), or -1
  int signal = 0;  // that killed it, or 0
  bool ok() const { return code == 0; }
};

// A child process that runs `function`. It leaves with code 0 when the function
// returns void, else with the int that it returned, and runs no destructors of
// the parent's objects. Destroying a Child that was not waited for kills it.
class Child {
 public:
  template <typename Function>
  explicit Child(Function&& function) {
    fflush(nullptr);
    pid_ = fork();
    if (pid_ < 0) {
      ADD_FAILURE() << "fork failed";
      return;
    }
    if (pid_ > 0) return;
    if constexpr (std::is_void_v<decltype(function())>) {
      function();
      _exit(0);
    } else {
      _exit(function());
    }
  }
  ~Child() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    Wait();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  void Kill(int signal = SIGKILL) {
    if (pid_ > 0) kill(pid_, signal);
  }

  // Waits for the child's end; once.
  ExitStatus Wait() {
    ExitStatus status;
    if (pid_ <= 0) return status;
    int raw = 0;
    pid_t ended;
    do {
      ended = waitpid(pid_, &raw, 0);
    } while (ended < 0 && errno == EINTR);
    if (ended != pid_) {
      ADD_FAILURE() << "somebody else has waited for a child of the scenario";
    } else if (WIFSIGNALED(raw)) {
      status.signal = WTERMSIG(raw);
    } else {
      status.code = WEXITSTATUS(raw);
    }
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_ = -1;
};

// A T in memory that all processes forked later share with this one.
template <typename T>
class Shared {
 public:
  template <typename... Arguments>
  explicit Shared(Arguments&&... arguments) {
    void* memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    value_ = new (memory) T{std::forward<Arguments>(arguments)...};
  }
  ~Shared() {
    value_->~T();
    munmap(value_, sizeof(T));
  }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  T& operator*() const { return *value_; }
  T* operator->() const { return value_; }

 private:
  T* value_;
};

// Two connected descriptors, closed at the end unless closed or released
// before.
class DescriptorPair {
 public:
  ~DescriptorPair() {
    CloseFirst();
    CloseSecond();
  }
  DescriptorPair(const DescriptorPair&) = delete;
  DescriptorPair& operator=(const DescriptorPair&) = delete;

  void CloseFirst() { Close(&fds_[0]); }
  void CloseSecond() { Close(&fds_[1]); }

 protected:
  DescriptorPair() = default;
  static void Close(int* fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
  }
  int fds_[2] = {-1, -1};
};

class Pipe : public DescriptorPair {
 public:
  Pipe() {
    if (pipe(fds_) != 0) ADD_FAILURE() << "pipe failed";
  }
  int read_end() const { return fds_[0]; }
  int write_end() const { return fds_[1]; }
  void CloseRead() { CloseFirst(); }
  void CloseWrite() { CloseSecond(); }
};

class SocketPair : public DescriptorPair {
 public:
  SocketPair() {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds_) != 0) {
      ADD_FAILURE() << "socketpair failed";
    }
  }
  int first() const { return fds_[0]; }
  int second() const { return fds_[1]; }
};

// While it lives, the module's read, write, recv and send move few bytes at a
// time, and every `interrupt_every`-th call is interrupted: as a pipe under
// load may do at any time. In this process and those forked meanwhile.
class ShortIo {
 public:
  explicit ShortIo(int max_bytes, int interrupt_every = 0) {
    ::racelab_limit_io(max_bytes, interrupt_every);
  }
  ~ShortIo() { ::racelab_limit_io(0, 0); }
  ShortIo(const ShortIo&) = delete;
  ShortIo& operator=(const ShortIo&) = delete;
};

// A place at which a process can be killed: the lab's own header declares a
// function for it, the scenario defines it with KillPoint, and the student's
// code calls it. Does nothing unless armed.
inline void KillPoint(const char* name) { ::racelab_kill_point(name); }

// Arms a kill point in this process (and those forked meanwhile): the `nth`
// time that it is reached, the process dies of SIGKILL.
class KillAt {
 public:
  explicit KillAt(const char* name, int nth = 1) {
    ::racelab_arm_kill(name, nth);
  }
  ~KillAt() { ::racelab_arm_kill(nullptr, 0); }
  KillAt(const KillAt&) = delete;
  KillAt& operator=(const KillAt&) = delete;
};

}  // namespace labkit

#endif  // RACELAB_LABKIT_PROCESS_H_
