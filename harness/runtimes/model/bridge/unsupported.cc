// What the model cannot follow: processes, signals, timers, waits for the world
// outside. A scenario that asks for it is inconclusive, with a sentence,
// instead of waiting in real time or running code that nobody sees.

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

#include <string>

#include "runtimes/model/execution.h"

namespace {

// `function` as the C library has it.
template <typename Function>
Function Next(const char* function) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, function));
}

void Refuse(const char* function, const char* because) {
  if (!racelab::model::InProgram()) return;
  racelab::model::Bridge bridge;
  racelab::model::Unsupported(std::string("The scenario calls ") + function +
                              "(): " + because);
}

constexpr char kSignals[] = "the model checker delivers no signals.";
constexpr char kProcesses[] = "the model checks threads, not processes.";
constexpr char kOutside[] =
    "the model cannot wait for what happens outside of the program.";
constexpr char kC11[] =
    "the model checker knows <thread> and <pthread.h>, not <threads.h>.";
constexpr char kTimers[] =
    "time in the model is virtual, and no timer of the system runs in it.";

// A file on the disk is there at once; anything else may be waited for.
bool IsOnDisk(int file) {
  struct stat status;
  return fstat(file, &status) == 0 &&
         (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

}  // namespace

// Answers for the runner itself, and the libraries, as the C library does.
#define RACELAB_REFUSE(type, name, because, parameters, arguments, ...) \
  type name parameters __VA_ARGS__ {                                    \
    Refuse(#name, because);                                             \
    return Next<type(*) parameters>(#name) arguments;                   \
  }

extern "C" {

RACELAB_REFUSE(int, sigaction, kSignals,
               (int signal, const struct sigaction* action,
                struct sigaction* old_action),
               (signal, action, old_action), noexcept)
RACELAB_REFUSE(sighandler_t, signal, kSignals,
               (int signal, sighandler_t handler), (signal, handler), noexcept)
RACELAB_REFUSE(int, kill, kSignals, (pid_t process, int signal),
               (process, signal), noexcept)
RACELAB_REFUSE(int, pthread_kill, kSignals, (pthread_t thread, int signal),
               (thread, signal), noexcept)
RACELAB_REFUSE(int, pthread_cancel, "the model checker cancels no threads.",
               (pthread_t thread), (thread))
RACELAB_REFUSE(int, sigwait, kSignals, (const sigset_t* set, int* signal),
               (set, signal))
RACELAB_REFUSE(int, sigsuspend, kSignals, (const sigset_t* set), (set))
RACELAB_REFUSE(int, pause, kSignals, (), ())

RACELAB_REFUSE(unsigned, alarm, kTimers, (unsigned seconds), (seconds),
               noexcept)
RACELAB_REFUSE(int, setitimer, kTimers,
               (__itimer_which_t which, const itimerval* value,
                itimerval* old_value),
               (which, value, old_value), noexcept)

RACELAB_REFUSE(int, poll, kOutside,
               (pollfd * files, nfds_t count, int milliseconds),
               (files, count, milliseconds))
RACELAB_REFUSE(int, ppoll, kOutside,
               (pollfd * files, nfds_t count, const timespec* time,
                const sigset_t* mask),
               (files, count, time, mask))
RACELAB_REFUSE(int, select, kOutside,
               (int count, fd_set* read, fd_set* write, fd_set* except,
                timeval* time),
               (count, read, write, except, time))
RACELAB_REFUSE(int, pselect, kOutside,
               (int count, fd_set* read, fd_set* write, fd_set* except,
                const timespec* time, const sigset_t* mask),
               (count, read, write, except, time, mask))
RACELAB_REFUSE(int, epoll_wait, kOutside,
               (int file, epoll_event* events, int count, int milliseconds),
               (file, events, count, milliseconds))

ssize_t read(int file, void* bytes, size_t count) {
  if (!IsOnDisk(file)) Refuse("read", kOutside);
  return Next<ssize_t (*)(int, void*, size_t)>("read")(file, bytes, count);
}

RACELAB_REFUSE(int, thrd_create, kC11,
               (thrd_t * thread, thrd_start_t function, void* argument),
               (thread, function, argument))
RACELAB_REFUSE(int, mtx_init, kC11, (mtx_t * mutex, int type), (mutex, type))
RACELAB_REFUSE(int, mtx_lock, kC11, (mtx_t * mutex), (mutex))
RACELAB_REFUSE(int, cnd_init, kC11, (cnd_t * condition), (condition))

RACELAB_REFUSE(pid_t, vfork, kProcesses, (), (), noexcept)
RACELAB_REFUSE(pid_t, wait, kProcesses, (int* status), (status))
RACELAB_REFUSE(pid_t, waitpid, kProcesses,
               (pid_t process, int* status, int options),
               (process, status, options))
RACELAB_REFUSE(int, system, kProcesses, (const char* command), (command))
RACELAB_REFUSE(int, execv, kProcesses,
               (const char* path, char* const* arguments), (path, arguments),
               noexcept)
RACELAB_REFUSE(int, execve, kProcesses,
               (const char* path, char* const* arguments,
                char* const* environment),
               (path, arguments, environment), noexcept)
RACELAB_REFUSE(int, posix_spawn, kProcesses,
               (pid_t * process, const char* path,
                const posix_spawn_file_actions_t* actions,
                const posix_spawnattr_t* attributes, char* const* arguments,
                char* const* environment),
               (process, path, actions, attributes, arguments, environment))

}  // extern "C"
