#include "runtimes/model/platform/signals.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "runtimes/model/bridge/accesses.h"
#include "runtimes/model/engine.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/platform/fiber.h"
#include "runtimes/model/platform/real.h"
#include "runtimes/model/sync_objects.h"

namespace racelab::model {
namespace {

constexpr size_t kSignalStack = size_t{256} << 10;

// Every tick of processor time the handler looks whether the program has
// reached another schedule point or made another access.
constexpr int kTickMilliseconds = 10;
constexpr int kTicksWithoutStep = 300;
// Where a thread is known to loop, from another execution, near `known_pc`.
constexpr int kTicksWhereKnown = 2;
constexpr uintptr_t kNear = 64;

uint64_t step_seen = 0;
uint64_t access_seen = 0;
int ticks_without_step = 0;
uintptr_t known_pc = 0;

std::string Describe(int signal, uintptr_t address) {
  switch (signal) {
    case SIGSEGV:
      if (address < 4096) {
        return "A null pointer is followed (segmentation fault).";
      }
      return "Memory is accessed that is not the program's (segmentation "
             "fault).";
    case SIGBUS:
      return "Memory is accessed that cannot be (bus error).";
    case SIGFPE:
      return "An arithmetic operation has no result: a division by zero.";
    case SIGILL:
      return "The program runs into an invalid instruction.";
    default:
      return "The program aborts.";
  }
}

uintptr_t ProgramCounter(void* context) {
  return static_cast<uintptr_t>(
      static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
}

void OnCrash(int signal, siginfo_t* info, void* context) {
  Execution& e = execution;
  if (!e.active) {
    // Not the program's doing: as if nobody watched.
    struct sigaction fallback{};
    fallback.sa_handler = SIG_DFL;
    Real().sigaction(signal, &fallback, nullptr);
    return;
  }
  const auto address = reinterpret_cast<uintptr_t>(info->si_addr);
  const uintptr_t pc = ProgramCounter(context);
  if (signal == SIGSEGV && IsStackGuard(address)) ReportStackOverflow(pc);
  Fail(verdict::FailureKind::kCrash, Describe(signal, address), pc, address);
}

void OnTick(int, siginfo_t*, void* context) {
  Execution& e = execution;
  if (!e.active || e.inside || e.step != step_seen ||
      e.accesses != access_seen) {
    step_seen = e.step;
    access_seen = e.accesses;
    ticks_without_step = 0;
    return;
  }
  const uintptr_t pc = ProgramCounter(context);
  const bool known = known_pc != 0 && pc - known_pc + kNear <= 2 * kNear;
  if (++ticks_without_step < (known ? kTicksWhereKnown : kTicksWithoutStep)) {
    return;
  }
  ticks_without_step = 0;
  known_pc = pc;
  const uint32_t self = uint32_t{1} << e.current;
  if (((e.runnable & ~self) | e.timed) == 0) {
    Fail(verdict::FailureKind::kLivelock, kEndlessLoop, pc);
  }
  // A compiler may have made one look of a loop that looked at a variable: the
  // others may write that, which is a race. This thread is left where it is.
  e.inside = true;
  e.runnable &= ~self;
  e.spinning &= ~self;
  e.endless |= self;
  e.endless_pc = pc;
  e.engine->SwitchTo(PickThread());  // not this one: it is not runnable
}

}  // namespace

void WatchSignals() {
  static bool watching = false;
  if (watching) return;
  watching = true;
  stack_t stack{};
  stack.ss_size = kSignalStack;
  stack.ss_sp = mmap(nullptr, kSignalStack, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stack.ss_sp == MAP_FAILED) return;
  sigaltstack(&stack, nullptr);
  struct sigaction action{};
  // The handlers leave by switching to another fiber, not by returning.
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  action.sa_sigaction = &OnCrash;
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    Real().sigaction(signal, &action, nullptr);
  }
  action.sa_sigaction = &OnTick;
  action.sa_flags |= SA_RESTART;
  Real().sigaction(SIGVTALRM, &action, nullptr);
  const itimerval interval{{0, kTickMilliseconds * 1000},
                           {0, kTickMilliseconds * 1000}};
  setitimer(ITIMER_VIRTUAL, &interval, nullptr);
}

}  // namespace racelab::model
