#include "runtimes/tsan/runs.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>

#include "runtimes/common/expectations.h"
#include "runtimes/common/raw_syscall.h"
#include "runtimes/common/threads.h"
#include "runtimes/tsan/canary.h"
#include "runtimes/tsan/report.h"

extern "C" void __sanitizer_set_report_fd(void* fd);

namespace racelab::tsan {
namespace {

using runtimes::Messenger;
using runtimes::ThreadPolicy;
using runtimes::WorkerContext;
using Clock = std::chrono::steady_clock;

constexpr double kDetachedSeconds = 1;

// For __tsan_on_report.
const Messenger* report_messenger = nullptr;
const runtimes::Blackboard* report_board = nullptr;
std::atomic<bool> reported{false};

// Runs differ in kind, not only in seed.
ThreadPolicy PolicyOfRun(uint64_t run) {
  ThreadPolicy policy{.gate_us = 3000, .gated = 1024};
  switch (run % 5) {
    case 0:  // one after the other
      // Happens-before needs no simultaneity, and libtsan misses a race of two
      // lone accesses at the very same instant: each looks at the shadow before
      // the other has marked it.
      policy.stagger_cycles = 50'000;
      break;
    case 1:  // switches at synchronization
      policy.yields = 256;
      break;
    case 2:  // in another order
      policy.late = 512;
      policy.late_us = 2000;
      break;
    case 3:  // as the system has it
      policy.gated = 0;
      policy.sleeps = 32;
      policy.sleep_us = 300;
      break;
    case 4:
      policy.late = 256;
      policy.late_us = 300;
      policy.yields = 128;
      policy.sleeps = 64;
      policy.sleep_us = 200;
      break;
  }
  return policy;
}

// libtsan's text goes nowhere: reports are taken as structure.
void SendReportsTo(const WorkerContext& context) {
  const long null = runtimes::RawSyscall(SYS_openat, AT_FDCWD,
                                         reinterpret_cast<long>("/dev/null"),
                                         O_WRONLY | O_CLOEXEC);
  const long high = runtimes::RawSyscall(SYS_fcntl, null, F_DUPFD_CLOEXEC, 240);
  runtimes::RawSyscall(SYS_close, null);
  __sanitizer_set_report_fd(reinterpret_cast<void*>(high));
  report_messenger = &context.messenger;
  report_board = &context.board;
}

}  // namespace

extern "C" void __tsan_on_report(void* report) {
  if (report_messenger == nullptr) return;
  const RawReport raw = CaptureReport(report, *report_board);
  if (IsAbout(raw, CanaryAddress())) {
    report_messenger->Send(kCanary, "");
    return;
  }
  reported.store(true, std::memory_order_relaxed);
  report_messenger->Send(kReport,
                         {reinterpret_cast<const char*>(&raw), sizeof raw});
}

Runs::Runs(const WorkerContext& context, const Plan& plan)
    : context_(context),
      plan_(plan),
      until_(Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                std::chrono::duration<double>(plan.seconds))),
      globals_(context.module),
      run_(plan.first) {}

void Runs::Run() {
  SendReportsTo(context_);
  // libtsan's background thread starts with the first thread.
  WarmUp();
  runtimes::NoteRuntimeThreads(context_.board);
  if (!context_.test.concurrent) {
    OneRun();
  } else {
    runtimes::NoteWaitingThread(context_.board);
    const runtimes::ExpectationScope scope(
        [this](const runtimes::ExpectationFailure& failure) {
          failed_.store(true, std::memory_order_relaxed);
          context_.Failed(failure);
        },
        [this] {
          failed_.store(true, std::memory_order_relaxed);
          context_.Skipped();
        });
    for (; run_ < plan_.first + plan_.count; ++run_) {
      if (run_ > plan_.first) {
        if (last_ || !globals_.Whole() || Clock::now() >= until_) break;
        globals_.Restore();
      }
      pthread_t thread;
      if (pthread_create(&thread, nullptr, &Runs::Body, this) != 0) break;
      pthread_join(thread, nullptr);
    }
  }
  if (!threads_left_) RunCanary();
}

void* Runs::Body(void* self) {
  static_cast<Runs*>(self)->OneRun();
  return nullptr;
}

void Runs::OneRun() {
  context_.messenger.Send(kRunBegins, "");
  const uint64_t seed = plan_.seed + run_ * 7919;
  if (run_ == plan_.first) {
    runtimes::StartThreads(&context_.board, PolicyOfRun(run_), seed);
  } else {
    runtimes::SetPolicy(PolicyOfRun(run_));
    runtimes::NextRound(seed);
  }
  runtimes::InstallAlternateStack();
  context_.board.running.store(1, std::memory_order_release);
  if (context_.test.concurrent) {
    context_.CallBody();
  } else {
    context_.RunTestOnce();
  }
  context_.board.rounds.fetch_add(1, std::memory_order_release);
  last_ = !Ended();
}

bool Runs::Ended() {
  if (!context_.CheckThreads()) {
    threads_left_ = true;
    return false;
  }
  const bool detached = runtimes::AnyDetached();
  if (!runtimes::AwaitDetached(kDetachedSeconds)) {
    context_.messenger.Send(kDetachedRuns, "");
  }
  return !detached && !failed_.load(std::memory_order_relaxed) &&
         !reported.load(std::memory_order_relaxed);
}

}  // namespace racelab::tsan
