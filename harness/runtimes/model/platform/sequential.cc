#include "runtimes/model/platform/sequential.h"

#include <linux/futex.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

#include "runtimes/common/module.h"
#include "runtimes/common/unwind.h"
#include "runtimes/model/platform/fiber.h"
#include "runtimes/model/platform/real.h"
#include "runtimes/model/platform/signals.h"

// The linker's: the code of this program.
extern "C" const char __executable_start, etext;

namespace racelab::model {
namespace {

using Kind = SequentialEnd::Kind;

// Most bodies end before the first look: a handler that runs while they wait
// would end some waits early.
constexpr int kFirstLookMilliseconds = 200;
constexpr int kTickMilliseconds = 10;
// Seconds of wall time for one of the budget, which is of processor time: who
// waits in vain uses none, and who can't have a core is not to blame.
constexpr double kPatience = 4;
// A stack that is larger is not compared.
constexpr size_t kMostStack = size_t{64} << 10;
constexpr size_t kRedZone = 128;
constexpr int kSamples = 64;
// So many looks in a row at the program's own code come before a claim.
constexpr int kLooksBeforeClaim = 25;
// And so many at a thread that sleeps.
constexpr int kSleepsBeforeClaim = 3;
// Seconds of processor time, between the end of a look and the next one: a
// signal that came while the thread had no core, or at the end of a look, finds
// it where it was. So does one that found it asleep, but for the kernel's time.
constexpr double kRan = 0.001;
constexpr double kSlept = 0.002;

struct Watch {
  sigjmp_buf leave;
  runtimes::MemoryRange module;
  uintptr_t stack_top = 0;
  double seconds = 0;
  double begin = 0;  // of processor time
  double begin_wall = 0;
  // When the look before ended: of processor time, and how often the thread had
  // gone to sleep.
  double looked = 0;
  long switches = 0;
  // Looks at the thread asleep in the same futex wait, alone.
  int sleeps = 0;
  uintptr_t futex = 0;
  // Looks at code of the program's own, each in another state than the one
  // before, and since when it is in the last of them.
  uint64_t changes = 0;
  int looks = 0;
  uint64_t samples[kSamples] = {};
  uint64_t last = 0;
  int same = 0;

  Kind kind = Kind::kReturned;
  uintptr_t frames[48];
  size_t frame_count = 0;
};
Watch* watch = nullptr;  // null: no body runs

double Seconds(clockid_t clock) {
  timespec time{};
  Real().clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) +
         1e-9 * static_cast<double>(time.tv_nsec);
}
double ProcessorTime() { return Seconds(CLOCK_THREAD_CPUTIME_ID); }

// Of the program's; the folder has a link for each thread of the process, and
// two of its own.
bool HasOneThread() {
  struct stat status;
  return stat("/proc/self/task", &status) == 0 &&
         status.st_nlink == 3 + static_cast<nlink_t>(LendingThreads());
}

uint64_t Hash(uint64_t hash, const void* data, size_t size) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  for (; size >= 8; size -= 8, bytes += 8) {
    uint64_t word;
    std::memcpy(&word, bytes, 8);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
  }
  return hash;
}

// Milliseconds; zero: none.
void SetTimer(int first, int period) {
  const itimerval interval{{0, period * 1000}, {0, first * 1000}};
  setitimer(ITIMER_REAL, &interval, nullptr);
}

[[noreturn]] void Leave(Kind kind) {
  SetTimer(0, 0);  // the body may have made it too quick for anything else
  watch->kind = kind;
  watch->frame_count = runtimes::CaptureStack(watch->frames, 48);
  siglongjmp(watch->leave, 1);
}

// The kernel puts the thread back before a system call that it will restart.
bool SleepsInFutex(const greg_t* registers) {
  const auto* code = reinterpret_cast<const unsigned char*>(registers[REG_RIP]);
  const auto operation = static_cast<int>(registers[REG_RSI]) & FUTEX_CMD_MASK;
  return registers[REG_RAX] == SYS_futex && code[0] == 0x0f &&
         code[1] == 0x05 && registers[REG_R10] == 0 &&
         (operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET);
}

long VoluntarySwitches() {
  rusage usage;
  return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nvcsw : 0;
}

// Whoever is alone and goes back to the same sleep stays there.
void LookForSleep(const greg_t* registers) {
  if (!SleepsInFutex(registers) || !HasOneThread()) {
    watch->sleeps = 0;
    return;
  }
  const auto futex = static_cast<uintptr_t>(registers[REG_RDI]);
  const bool slept_on = ProcessorTime() - watch->looked < kSlept &&
                        VoluntarySwitches() > watch->switches;
  if (watch->sleeps == 0 || futex != watch->futex) {
    watch->futex = futex;
    watch->sleeps = 1;
  } else if (slept_on && ++watch->sleeps >= kSleepsBeforeClaim) {
    Leave(Kind::kBlocked);
  }
}

// Code without a state of its own: the module's, this program's, and the one
// library function that loops which wait for others like to call.
bool HasNoHiddenState(uintptr_t pc) {
  constexpr uintptr_t kYieldSize = 16;
  const auto begin = reinterpret_cast<uintptr_t>(&__executable_start);
  const auto end = reinterpret_cast<uintptr_t>(&etext);
  const auto yield = reinterpret_cast<uintptr_t>(Real().sched_yield);
  return watch->module.Contains(pc) || (pc >= begin && pc < end) ||
         (pc >= yield && pc < yield + kYieldSize);
}

// Whether it was in this very state before.
void LookForLoop(const ucontext_t& context) {
  const auto* registers = context.uc_mcontext.gregs;
  const auto pc = static_cast<uintptr_t>(registers[REG_RIP]);
  const auto sp = static_cast<uintptr_t>(registers[REG_RSP]) - kRedZone;
  const uint64_t changes = changes_outside.load(std::memory_order_relaxed);
  if (!HasNoHiddenState(pc) || changes != watch->changes ||
      sp >= watch->stack_top || watch->stack_top - sp > kMostStack) {
    watch->changes = changes;
    watch->looks = 0;
    watch->last = 0;
    watch->same = 0;
    return;
  }
  uint64_t state = Hash(1, registers, (REG_RIP + 1) * sizeof(greg_t));
  if (context.uc_mcontext.fpregs != nullptr) {
    state = Hash(state, context.uc_mcontext.fpregs->_xmm,
                 sizeof context.uc_mcontext.fpregs->_xmm);
  }
  state = Hash(state, reinterpret_cast<const void*>(sp), watch->stack_top - sp);
  if (state == watch->last) {
    // It stands still, or had no time to go on.
    if (ProcessorTime() - watch->looked > kRan) ++watch->same;
    if (watch->same >= kLooksBeforeClaim && HasOneThread()) {
      Leave(Kind::kLoops);
    }
    return;
  }
  watch->last = state;
  watch->same = 0;
  const int looks = watch->looks++;
  bool seen = false;
  for (int i = 0; i < looks && i < kSamples; ++i) {
    seen = seen || watch->samples[i] == state;
  }
  watch->samples[looks % kSamples] = state;
  if (seen && looks >= kLooksBeforeClaim && HasOneThread()) {
    Leave(Kind::kLoops);
  }
}

void OnAlarm(int, siginfo_t*, void* raw) {
  if (watch == nullptr) {
    SetTimer(0, 0);
    return;
  }
  auto& context = *static_cast<ucontext_t*>(raw);
  // Another thread's, or a stack of the program's own making.
  const auto sp = static_cast<uintptr_t>(context.uc_mcontext.gregs[REG_RSP]);
  if (sp >= watch->stack_top || watch->stack_top - sp > (size_t{8} << 20)) {
    return;
  }
  LookForSleep(context.uc_mcontext.gregs);
  LookForLoop(context);
  if (ProcessorTime() - watch->begin > watch->seconds ||
      Seconds(CLOCK_MONOTONIC) - watch->begin_wall >
          kPatience * watch->seconds) {
    Leave(Kind::kTooLong);
  }
  watch->switches = VoluntarySwitches();
  watch->looked = ProcessorTime();
}

}  // namespace

SequentialEnd RunSequential(const std::function<void()>& body,
                            const runtimes::MemoryRange& module,
                            double seconds) {
  WatchSignals();  // and its stack for handlers
  runtimes::PrepareUnwinding();
  struct sigaction action{}, before{};
  action.sa_sigaction = &OnAlarm;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  Real().sigaction(SIGALRM, &action, &before);
  // Not on the stack, which is compared.
  static Watch state;
  state = Watch();
  state.module = module;
  state.stack_top = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  state.seconds = seconds;
  state.begin = ProcessorTime();
  state.begin_wall = Seconds(CLOCK_MONOTONIC);
  state.changes = changes_outside.load(std::memory_order_relaxed);
  watch = &state;
  if (sigsetjmp(state.leave, /*savemask=*/1) == 0) {
    SetTimer(kFirstLookMilliseconds, kTickMilliseconds);
    body();
  }
  watch = nullptr;
  SetTimer(0, 0);
  Real().sigaction(SIGALRM, &before, nullptr);
  return {state.kind, {state.frames, state.frames + state.frame_count}};
}

}  // namespace racelab::model
