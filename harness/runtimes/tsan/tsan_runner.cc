#include "runtimes/tsan/tsan_runner.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "runtimes/common/worker.h"
#include "runtimes/tsan/fences.h"
#include "runtimes/tsan/recursion.h"
#include "runtimes/tsan/report.h"
#include "runtimes/tsan/runs.h"

namespace racelab::tsan {
namespace {

using runtimes::Judgement;
using runtimes::WorkerContext;
using verdict::Outcome;
using Clock = std::chrono::steady_clock;

}  // namespace

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
  uint64_t& begun = result.evidence.executions;
  while (begun < runs && session.wanted()) {
    if (begun > 0 && elapsed() > seconds_) break;
    const uint64_t before = begun;
    std::optional<verdict::Finding> race;
    bool canary = false;
    bool detached = false;
    runtimes::WorkerOptions options;
    options.module = session.request().module;
    options.test = test.name;
    options.board = board_.get();
    options.hang_seconds = hang_seconds_;
    options.work = [&](const WorkerContext& context) {
      // Before Runs looks at the module's memory.
      FollowFences(context.module.path());
      LimitRecursion(context.module.path());
      Runs(context, {.first = before,
                     .count = runs - before,
                     .seed = session.request().seed,
                     .seconds = seconds_ - elapsed()})
          .Run();
    };
    options.on_message = [&](char kind, std::string_view bytes) {
      if (kind == kRunBegins) ++begun;
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
    // Also a child that never came so far: the loop ends.
    begun = std::clamp(begun, before + 1, runs);
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
