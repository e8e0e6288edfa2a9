// libtsan's options, and what keeps it from starting, told as a record.

#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtimes/common/raw_syscall.h"
#include "runtimes/tsan/started.h"

extern "C" {
void __sanitizer_set_death_callback(void (*callback)());
// The linker's: the zeroed data of this program.
extern char __bss_start[];
extern char _end[];
}

namespace racelab::tsan {
namespace {

bool started = false;

using runtimes::RawSyscall;

// All of this runs before libtsan is set up, whose interceptors stand before
// strlen() and its kind: nothing of libc's is called (hence -fno-builtin, too).
long Length(const char* text) {
  long length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

// Where `what` begins in text[0, size), or size.
long Find(const char* text, long size, const char* what) {
  const long length = Length(what);
  for (long i = 0; i + length <= size; ++i) {
    long same = 0;
    while (same < length && text[i + same] == what[same]) ++same;
    if (same == length) return i;
  }
  return size;
}

void Write(int fd, const char* text) {
  RawSyscall(SYS_write, fd, reinterpret_cast<long>(text), Length(text));
}

char buffer[4096];

// N of "--fd=N" in the command line; stdout without one.
int RecordDescriptor() {
  const long fd = RawSyscall(
      SYS_open, reinterpret_cast<long>("/proc/self/cmdline"), O_RDONLY);
  if (fd < 0) return STDOUT_FILENO;
  const long size = RawSyscall(SYS_read, fd, reinterpret_cast<long>(buffer),
                               sizeof buffer - 1);
  RawSyscall(SYS_close, fd);
  const long at = Find(buffer, size, "--fd=");
  if (at >= size) return STDOUT_FILENO;
  int number = 0;
  for (const char* c = buffer + at + 5; *c >= '0' && *c <= '9'; ++c) {
    number = number * 10 + (*c - '0');
  }
  return number;
}

// libtsan dies before main: "unexpected memory mapping", as a rule, where the
// kernel places mappings at random over more bits than it expects and does not
// let it turn that off.
void OnDeath() {
  if (started) return;
  const int fd = RecordDescriptor();
  char nonce[33] = "00000000000000000000000000000000";
  if (fd != STDOUT_FILENO) {
    const long size = RawSyscall(SYS_read, fd, reinterpret_cast<long>(buffer),
                                 sizeof buffer - 1);
    long at = Find(buffer, size, "\"nonce\"");
    at += 7 + Find(buffer + at + 7, size - at - 7, "\"") + 1;
    for (int i = 0; i < 32 && at + i < size; ++i) nonce[i] = buffer[at + i];
  }
  Write(fd, "{\"nonce\":\"");
  Write(fd, nonce);
  Write(fd,
        "\",\"seq\":0,\"type\":\"error\",\"reason\":\"ThreadSanitizer cannot "
        "start here: the address space is limited, or laid out in a way that "
        "does not suit it\",\"mend\":\"no limit of virtual memory (ulimit "
        "-v), and sysctl vm.mmap_rnd_bits=28 or a sandbox that allows "
        "personality(ADDR_NO_RANDOMIZE)\"}\n");
  RawSyscall(SYS_exit_group, 3);
}

// libtsan writes zeros over some 11 MiB of its zeroed data as it starts: six
// large pages are touched sooner than 2,900 small ones, and sooner copied when
// the runner forks.
void AskForLargePages() {
  constexpr uintptr_t kPage = 4096;
  const uintptr_t begin =
      (reinterpret_cast<uintptr_t>(__bss_start) + kPage - 1) & ~(kPage - 1);
  const uintptr_t end = reinterpret_cast<uintptr_t>(_end) & ~(kPage - 1);
  if (begin >= end) return;
  RawSyscall(SYS_madvise, static_cast<long>(begin),
             static_cast<long>(end - begin), MADV_HUGEPAGE);
}

// Before libtsan's own entry, which a linker puts behind those of the program.
[[gnu::section(".preinit_array"),
  gnu::used]] void (*const before_libtsan)() = AskForLargePages;

}  // namespace

void MarkStarted() { started = true; }

}  // namespace racelab::tsan

extern "C" const char* __tsan_default_options() {
  __sanitizer_set_death_callback(racelab::tsan::OnDeath);
  return
      // Reports are read as structure, and the first that counts ends the run:
      // nobody reads libtsan's text, so it need not be symbolized.
      "report_bugs=1:halt_on_error=0:exitcode=66:symbolize=0:"
      "print_summary=0:atexit_sleep_ms=0:"
      // The student's code may not talk libtsan out of a race.
      "enable_annotations=0:"
      // A potential deadlock is no failure by itself (report.h). Threads that
      // are left over are the runner's to find.
      "detect_deadlocks=0:report_thread_leaks=0:report_destroy_locked=1:"
      "report_signal_unsafe=0:"
      // Crashes are the runner's to tell (signals.h).
      "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:"
      "handle_abort=0:handle_sigtrap=0:use_sigaltstack=0:"
      "die_after_fork=0:history_size=3";
}
