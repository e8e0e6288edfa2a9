#include "runtimes/tsan/tsan_runner.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "runtimes/common/raw_syscall.h"
#include "runtimes/common/threads.h"
#include "runtimes/common/worker.h"
#include "runtimes/tsan/canary.h"
#include "runtimes/tsan/report.h"

extern "C" void __sanitizer_set_report_fd(void* fd);

namespace racelab::tsan {
namespace {

using runtimes::Judgement;
using runtimes::Messenger;
using runtimes::ThreadPolicy;
using runtimes::WorkerContext;
using verdict::Outcome;
using Clock = std::chrono::steady_clock;

// Kinds of messages.
constexpr char kReport = 'r';
constexpr char kCanary = 'k';
constexpr char kDetachedRuns = 'd';

constexpr double kDetachedSeconds = 1;

// For __tsan_on_report, in the child.
const Messenger* report_messenger = nullptr;
const runtimes::Blackboard* report_board = nullptr;

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

void RunOnce(const WorkerContext& context, uint64_t run, uint64_t seed) {
  // libtsan's text goes nowhere: reports are taken as structure.
  const long null = runtimes::RawSyscall(SYS_openat, AT_FDCWD,
                                         reinterpret_cast<long>("/dev/null"),
                                         O_WRONLY | O_CLOEXEC);
  const long high = runtimes::RawSyscall(SYS_fcntl, null, F_DUPFD_CLOEXEC, 240);
  runtimes::RawSyscall(SYS_close, null);
  __sanitizer_set_report_fd(reinterpret_cast<void*>(high));
  report_messenger = &context.messenger;
  report_board = &context.board;

  // libtsan's background thread starts with the first thread.
  WarmUp();
  runtimes::NoteRuntimeThreads(context.board);
  runtimes::StartThreads(&context.board, PolicyOfRun(run), seed + run * 7919);
  context.board.running.store(1, std::memory_order_release);
  context.RunTestOnce();
  context.board.rounds.fetch_add(1, std::memory_order_release);
  if (!context.CheckThreads()) return;
  if (!runtimes::AwaitDetached(kDetachedSeconds)) {
    context.messenger.Send(kDetachedRuns, "");
  }
  RunCanary();
}

}  // namespace

extern "C" void __tsan_on_report(void* report) {
  if (report_messenger == nullptr) return;
  const RawReport raw = CaptureReport(report, *report_board);
  if (IsAbout(raw, CanaryAddress())) {
    report_messenger->Send(kCanary, "");
    return;
  }
  report_messenger->Send(kReport,
                         {reinterpret_cast<const char*>(&raw), sizeof raw});
}

absl::Status TsanRunner::Prepare(const runtimes::Request& request) {
  runs_ = std::max<uint64_t>(1, request.options.Count("runs", runs_));
  seconds_ = request.options.Number("seconds", seconds_);
  hang_seconds_ = request.options.Number("hang_seconds", hang_seconds_);
  if (request.native) {
    return absl::FailedPreconditionError(
        "tsan needs the instrumented module, not the native one");
  }
  board_ = runtimes::NewBlackboard();
  if (board_ == nullptr) {
    return absl::ResourceExhaustedError("no memory to share with a child");
  }
  places_ = std::make_unique<runtimes::Places>(request.module,
                                               request.source_root, *board_);
  return absl::OkStatus();
}

std::string TsanRunner::mend() const {
  return "give the runner the module that was built with -fsanitize=thread";
}

Judgement TsanRunner::Judge(const runtimes::TestInfo& test,
                            runtimes::Session& session) {
  Judgement judgement;
  verdict::TestResult& result = judgement.result;
  result.evidence.strength = test.concurrent
                                 ? verdict::Evidence::Strength::kRounds
                                 : verdict::Evidence::Strength::kChecked;
  result.evidence.strategy = "happens-before";
  result.evidence.seed = session.request().seed;
  const auto started = Clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(Clock::now() - started).count();
  };
  const uint64_t runs = test.concurrent ? runs_ : 1;
  result.outcome = Outcome::kPass;
  for (uint64_t run = 0; run < runs && session.wanted(); ++run) {
    if (run > 0 && elapsed() > seconds_) break;
    std::optional<verdict::Finding> race;
    bool canary = false;
    bool detached = false;
    runtimes::WorkerOptions options;
    options.module = session.request().module;
    options.test = test.name;
    options.board = board_.get();
    options.hang_seconds = hang_seconds_;
    options.work = [&](const WorkerContext& context) {
      RunOnce(context, run, session.request().seed);
    };
    options.on_message = [&](char kind, std::string_view bytes) {
      if (kind == kCanary) canary = true;
      if (kind == kDetachedRuns) detached = true;
      if (kind != kReport || race) return;
      if (const auto report = ParseReport(bytes)) {
        race = FindingOf(*report, *places_);
      }
    };
    options.stop = [&] { return race.has_value(); };
    const absl::StatusOr<runtimes::WorkerReport> report =
        runtimes::RunWorker(options);
    ++result.evidence.executions;
    result.evidence.seconds = elapsed();
    if (!report.ok()) {
      judgement = runtimes::Inconclusive(std::string(report.status().message()),
                                         "raise the limit of processes");
      return judgement;
    }
    if (!race) race = runtimes::FindingOf(*report, *places_, *board_);
    if (race) {
      result.outcome = Outcome::kFail;
      result.finding = std::move(race);
      return judgement;
    }
    if (const std::string why =
            runtimes::WhyIncomplete(*report, *places_, hang_seconds_);
        !why.empty()) {
      result.outcome = Outcome::kInconclusive;
      result.reason = why;
      return judgement;
    }
    if (detached) {
      result.outcome = Outcome::kInconclusive;
      result.reason = "a detached thread was still running after the test";
      result.mend = "join the thread";
      return judgement;
    }
    if (!canary) {
      canary_ = false;
      result.outcome = Outcome::kInconclusive;
      result.reason =
          "a known race that was run after the test was not reported: the race "
          "detector did not work";
      result.mend = "nothing in the module may switch ThreadSanitizer off";
      return judgement;
    }
  }
  return judgement;
}

}  // namespace racelab::tsan
