#include "runtimes/stress/stress_runner.h"

#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <utility>

#include "runtimes/common/expectations.h"
#include "runtimes/common/threads.h"
#include "runtimes/common/worker.h"
#include "runtimes/stress/delays.h"
#include "runtimes/stress/heap.h"

namespace racelab::stress {
namespace {

using runtimes::Judgement;
using runtimes::ThreadPolicy;
using runtimes::WorkerContext;
using verdict::Outcome;
using Clock = std::chrono::steady_clock;

constexpr char kDetachedRuns = 'd';
constexpr double kDetachedSeconds = 1;
// What the scenario's lost allocations may fill before a new child takes over.
constexpr uint64_t kMaxResidentBytes = uint64_t{512} << 20;
// With what rounds before it left: no single one needs so much.
constexpr uint64_t kMaxRoundBytes = uint64_t{640} << 20;

// Rounds take turns with these.
constexpr ThreadPolicy kPolicies[] = {
    {.gate_us = 2000, .gated = 1024},
    {.gate_us = 2000, .gated = 1024, .late = 512, .late_us = 3},
    {.gate_us = 60, .gate_random = true, .gated = 1024},
    {.gate_us = 2000, .gated = 1024, .yields = 64},
    {.gated = 0},
    {.gate_us = 2000, .gated = 1024},
    {.gate_us = 2000, .gated = 1024, .yields = 16, .sleeps = 8, .sleep_us = 60},
    {.gate_us = 2000, .gated = 1024, .late = 512, .late_us = 1},
};
constexpr uint64_t kPolicyCount = std::size(kPolicies);

// As many rounds come first, though the time is spent: each policy with each
// way to delay, twice. A machine that stood still for a moment takes no chance
// away. But not for ever.
constexpr uint64_t kLeastRounds = 16;
constexpr std::chrono::seconds kMostForLeastRounds{3};

// When the rounds end: at `until`, or a bit later if they were few.
struct Budget {
  Clock::time_point until;
  uint64_t limit;  // 0: none but the time

  bool SpentAfter(uint64_t rounds) const {
    if (limit != 0 && rounds >= limit) return true;
    const Clock::time_point now = Clock::now();
    return now >= until &&
           (rounds >= kLeastRounds || now >= until + kMostForLeastRounds);
  }
};

// The rounds of one child.
class Rounds {
 public:
  // `done`: by the children before.
  Rounds(const WorkerContext& context, uint64_t seed, uint64_t done,
         const Budget& budget, bool native)
      : context_(context),
        seed_(seed + done),
        done_(done),
        budget_(budget),
        native_(native),
        state_(context.module),
        scope_(
            [this](const runtimes::ExpectationFailure& failure) {
              settled_.store(true, std::memory_order_relaxed);
              context_.Failed(failure);
            },
            [this] {
              settled_.store(true, std::memory_order_relaxed);
              context_.Skipped();
            }) {}

  void Run() {
    runtimes::NoteWaitingThread(context_.board);
    runtimes::ThreadPolicy none;
    none.gated = 0;
    for (round_ = 0;; ++round_) {
      if (round_ > 0) state_.Restore();
      pthread_t thread;
      if (pthread_create(&thread, nullptr, &Rounds::Body, this) != 0) return;
      pthread_join(thread, nullptr);
      if (stop_ || settled_.load(std::memory_order_relaxed)) return;
      if (budget_.SpentAfter(done_ + round_ + 1)) return;
      if (round_ % 64 == 63 &&
          runtimes::ResidentBytes(getpid()) > kMaxResidentBytes) {
        return;
      }
    }
  }

 private:
  // Thread 0 of the round, with thread_locals of its own.
  static void* Body(void* self) {
    static_cast<Rounds*>(self)->OneRound();
    return nullptr;
  }

  void OneRound() {
    const uint64_t seed = seed_ + round_ * 0x9E3779B97F4A7C15;
    const ThreadPolicy& policy = kPolicies[round_ % kPolicyCount];
    if (round_ == 0) {
      runtimes::StartThreads(&context_.board, policy, seed);
    } else {
      runtimes::SetPolicy(policy);
      runtimes::NextRound(seed);
    }
    runtimes::InstallAlternateStack();
    if (!native_) {
      StartDelays(static_cast<DelayMode>((round_ / 2) % 4),
                  static_cast<uint32_t>(seed >> 32) ^ 0x5bd1e995);
    }
    context_.board.running.store(1, std::memory_order_release);
    context_.CallBody();
    context_.board.running.store(0, std::memory_order_release);
    StartDelays(DelayMode::kNone, 1);
    context_.board.rounds.fetch_add(1, std::memory_order_release);
    if (!context_.CheckThreads()) {
      stop_ = true;
    } else if (!runtimes::AwaitDetached(kDetachedSeconds)) {
      context_.messenger.Send(kDetachedRuns, "");
      stop_ = true;
    }
  }

  const WorkerContext& context_;
  const uint64_t seed_;
  const uint64_t done_;
  const Budget budget_;
  const bool native_;
  const ModuleState state_;
  std::atomic<bool> settled_{false};
  bool stop_ = false;   // handed over by pthread_join
  uint64_t round_ = 0;  // handed over by pthread_create
  runtimes::ExpectationScope scope_;
};

}  // namespace

absl::Status StressRunner::Prepare(const runtimes::Request& request) {
  native_ = request.native;
  rounds_ = request.options.Count("rounds", rounds_);
  seconds_ = request.options.Number("seconds", seconds_);
  hang_seconds_ = request.options.Number("hang_seconds", hang_seconds_);
  board_ = runtimes::NewBlackboard();
  if (board_ == nullptr) {
    return absl::ResourceExhaustedError("no memory to share with a child");
  }
  places_ = std::make_unique<runtimes::Places>(request.module,
                                               request.source_root, *board_);
  return absl::OkStatus();
}

Judgement StressRunner::Judge(const runtimes::TestInfo& test,
                              runtimes::Session& session) {
  Judgement judgement;
  verdict::TestResult& result = judgement.result;
  result.evidence.strength = test.concurrent
                                 ? verdict::Evidence::Strength::kRounds
                                 : verdict::Evidence::Strength::kChecked;
  result.evidence.strategy = native_ ? "full speed" : "random delays";
  result.evidence.seed = session.request().seed;
  result.outcome = Outcome::kPass;
  const auto started = Clock::now();
  const Budget budget = {
      .until = started + std::chrono::duration_cast<Clock::duration>(
                             std::chrono::duration<double>(seconds_)),
      .limit = rounds_};
  auto next_progress = started + std::chrono::milliseconds(250);
  uint64_t done = 0;  // rounds of the children before
  while (true) {
    bool detached = false;
    runtimes::WorkerOptions options;
    options.module = session.request().module;
    options.test = test.name;
    options.board = board_.get();
    options.hang_seconds = hang_seconds_;
    options.most_bytes = kMaxRoundBytes;
    std::optional<RecordAllocations> recording;
    options.before_load = [&] {
      // What is freed looks like nothing valid.
      mallopt(M_PERTURB, 0x5a);
      recording.emplace();
    };
    options.work = [&](const WorkerContext& context) {
      recording.reset();
      if (!test.concurrent) {
        runtimes::StartThreads(&context.board, {.gated = 0}, 1);
        context.board.running.store(1, std::memory_order_release);
        context.RunTestOnce();
        context.board.rounds.fetch_add(1, std::memory_order_release);
        context.CheckThreads();
        return;
      }
      Rounds rounds(context, session.request().seed, done, budget, native_);
      rounds.Run();
    };
    options.on_message = [&](char kind, std::string_view) {
      if (kind == kDetachedRuns) detached = true;
    };
    options.on_tick = [&] {
      if (Clock::now() < next_progress) return;
      next_progress += std::chrono::milliseconds(250);
      session.Progress(test,
                       done + board_->rounds.load(std::memory_order_acquire));
    };
    const absl::StatusOr<runtimes::WorkerReport> report =
        runtimes::RunWorker(options);
    if (!report.ok()) {
      return runtimes::Inconclusive(std::string(report.status().message()),
                                    "raise the limit of processes");
    }
    const uint64_t rounds = board_->rounds.load(std::memory_order_acquire);
    done += rounds;
    result.evidence.executions = done;
    result.evidence.seconds =
        std::chrono::duration<double>(Clock::now() - started).count();
    if (auto finding = runtimes::FindingOf(*report, *places_, *board_)) {
      result.outcome = Outcome::kFail;
      result.finding = std::move(finding);
      return judgement;
    }
    result.reason = runtimes::WhyIncomplete(*report, *places_, hang_seconds_);
    if (detached) {
      result.reason = "a detached thread was still running after a round";
      result.mend = "join the thread";
    }
    if (!result.reason.empty() || rounds == 0) {
      if (result.reason.empty()) result.reason = "no round could be run";
      result.outcome = Outcome::kInconclusive;
      return judgement;
    }
    if (!test.concurrent || !session.wanted() || budget.SpentAfter(done)) {
      return judgement;
    }
  }
}

}  // namespace racelab::stress
