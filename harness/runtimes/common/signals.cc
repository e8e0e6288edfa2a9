#include "runtimes/common/signals.h"

#include <cxxabi.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <new>

#include "runtimes/common/raw_syscall.h"
#include "runtimes/common/threads.h"
#include "runtimes/common/unwind.h"

namespace racelab::runtimes {
namespace {

const Messenger* crash_messenger = nullptr;

// As the kernel has it; libc's sigaction() may be somebody's interceptor.
struct KernelSigaction {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
  void (*restorer)();
  uint64_t mask;
};
constexpr unsigned long kRestorer = 0x04000000;

extern "C" void racelab_restore_rt();
__asm__(
    ".pushsection .text\n"
    ".globl racelab_restore_rt\n"
    ".hidden racelab_restore_rt\n"
    ".type racelab_restore_rt,@function\n"
    // Without unwind information of its own: the unwinder knows a signal frame
    // by these very bytes. It looks at the byte before, too.
    "nop\n"
    "racelab_restore_rt:\n"
    "mov $15, %rax\n"
    "syscall\n"
    ".size racelab_restore_rt,.-racelab_restore_rt\n"
    ".popsection\n");

void SetHandler(int signal, void (*handler)(int, siginfo_t*, void*),
                unsigned long flags) {
  KernelSigaction action = {};
  action.handler = handler;
  action.flags = flags | kRestorer;
  action.restorer = racelab_restore_rt;
  RawSyscall(SYS_rt_sigaction, signal, reinterpret_cast<long>(&action), 0, 8);
}

uint32_t CurrentIndex() {
  const ThreadSlot* slot = CurrentSlot();
  return slot == nullptr ? 0 : slot->index;
}

void SendCrash(int signal, uintptr_t address, bool stack_overflow) {
  CrashReport report;
  report.signal = signal;
  report.address = address;
  report.stack_overflow = stack_overflow;
  report.thread = CurrentIndex();
  report.frame_count = static_cast<uint32_t>(
      CaptureStack(report.frames, std::size(report.frames)));
  crash_messenger->Send(
      kCrashMessage, {reinterpret_cast<const char*>(&report), sizeof report});
}

void OnCrash(int signal, siginfo_t* info, void* context) {
  SetHandler(signal, nullptr, 0);  // SIG_DFL
  const auto& machine = static_cast<ucontext_t*>(context)->uc_mcontext;
  const auto address = reinterpret_cast<uintptr_t>(info->si_addr);
  const auto sp = static_cast<uintptr_t>(machine.gregs[REG_RSP]);
  // A fault just below the stack pointer, or not far above it: the guard page.
  const bool overflow = signal == SIGSEGV && info->si_code > 0 &&
                        address + 65536 > sp && address < sp + 65536;
  SendCrash(signal, signal == SIGABRT ? 0 : address, overflow);
  const long pid = RawSyscall(SYS_getpid);
  const long tid = RawSyscall(SYS_gettid);
  RawSyscall(SYS_tgkill, pid, tid, signal);
  // Delivered when this handler returns, as the signal is blocked in it.
}

void OnWhere(int, siginfo_t*, void*) {
  if (ThreadSlot* slot = CurrentSlot()) {
    CaptureStack(slot->stack);
    slot->stack_seq.fetch_add(1, std::memory_order_release);
  }
}

[[noreturn]] void OnTerminate() {
  std::string what;
  if (const std::type_info* type = abi::__cxa_current_exception_type()) {
    int status = 0;
    char* name = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
    what = name != nullptr ? name : type->name();
    free(name);
    try {
      throw;
    } catch (const std::exception& exception) {
      what += ": ";
      what += exception.what();
    } catch (...) {
      // Not of std::exception: its type says all there is.
    }
  }
  crash_messenger->Send(kTerminateMessage, what);
  SendCrash(SIGABRT, 0, false);
  RawSyscall(SYS_exit_group, 134);
  __builtin_unreachable();
}

}  // namespace

// For absl_sync_state.h.
extern "C" void racelab_misuse(const char* what) {
  if (crash_messenger == nullptr) return;
  crash_messenger->Send(kMisuseMessage, what);
  SendCrash(SIGABRT, 0, false);
  RawSyscall(SYS_exit_group, 134);
}

int WhereSignal() { return SIGRTMAX - 3; }

void InstallHandlers(const Messenger& messenger) {
  crash_messenger = &messenger;
  PrepareUnwinding();
  InstallAlternateStack();
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) {
    SetHandler(signal, OnCrash, SA_SIGINFO | SA_ONSTACK);
  }
  SetHandler(WhereSignal(), OnWhere, SA_SIGINFO | SA_ONSTACK | SA_RESTART);
  std::set_terminate(OnTerminate);
}

std::optional<CrashReport> ParseCrash(std::string_view bytes) {
  CrashReport report;
  if (bytes.size() != sizeof report) return std::nullopt;
  memcpy(&report, bytes.data(), sizeof report);
  report.frame_count =
      std::min<uint32_t>(report.frame_count, std::size(report.frames));
  return report;
}

// One for each thread, freed with it. The thread's own destructors may still
// run on it: it goes last, by being made first.
namespace {
constexpr size_t kAlternateBytes = 64 << 10;
struct AlternateStack {
  void* memory = nullptr;
  ~AlternateStack() {
    if (memory == nullptr) return;
    stack_t none = {};
    none.ss_flags = SS_DISABLE;
    RawSyscall(SYS_sigaltstack, reinterpret_cast<long>(&none), 0);
    RawSyscall(SYS_munmap, reinterpret_cast<long>(memory), kAlternateBytes);
  }
};
thread_local AlternateStack alternate_stack;
}  // namespace

void InstallAlternateStack() {
  const long memory =
      RawSyscall(SYS_mmap, 0, kAlternateBytes, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory < 0 && memory > -4096) return;
  alternate_stack.memory = reinterpret_cast<void*>(memory);
  stack_t stack = {};
  stack.ss_sp = alternate_stack.memory;
  stack.ss_size = kAlternateBytes;
  RawSyscall(SYS_sigaltstack, reinterpret_cast<long>(&stack), 0);
}

}  // namespace racelab::runtimes
