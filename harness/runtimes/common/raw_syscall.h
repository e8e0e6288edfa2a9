// System calls that no interposer sees: neither libtsan's interceptors nor the
// runners' own pthread and syscall() wrappers. For code that must leave no
// trace in what the runners observe. Async-signal-safe; does not touch errno.
//
// Thread safety: as the system call's.

#ifndef RACELAB_RUNTIMES_COMMON_RAW_SYSCALL_H_
#define RACELAB_RUNTIMES_COMMON_RAW_SYSCALL_H_

namespace racelab::runtimes {

// The result, or -errno.
inline long RawSyscall(long number, long a = 0, long b = 0, long c = 0,
                       long d = 0, long e = 0, long f = 0) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
                     "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_RAW_SYSCALL_H_
