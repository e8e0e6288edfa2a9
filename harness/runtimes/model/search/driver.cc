#include "runtimes/model/search/driver.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "runtimes/model/search/decision_stream.h"
#include "runtimes/model/search/hints.h"
#include "runtimes/model/search/inevitable.h"
#include "runtimes/model/search/portfolio.h"
#include "runtimes/model/search/random.h"
#include "runtimes/model/search/replay.h"
#include "runtimes/model/search/shrink.h"

namespace racelab::model {
namespace {

using verdict::Evidence;
using verdict::Judgement;
using verdict::Outcome;

constexpr double kProgressSeconds = 1;

bool SameEvent(const Event& a, const Event& b) {
  return a.kind == b.kind && a.thread == b.thread && a.object == b.object &&
         a.size == b.size && a.value == b.value && a.old_value == b.old_value &&
         a.stack == b.stack;
}

class Driver {
 public:
  Driver(const std::string& test, const WorldFactory& make_world,
         const SearchOptions& options, const DriverHooks& hooks)
      : make_world_(make_world),
        options_(options),
        hooks_(hooks),
        start_(hooks.clock->WallSeconds()) {
    out_.result.test = test;
    out_.result.engine = verdict::Engine::kModel;
    world_options_.max_steps = options.max_steps;
    world_options_.relacy_memory = options.relacy_memory;
    world_ = make_world_(world_options_);
  }

  Judgement Check() {
    if (!options_.replay.empty()) {
      Replay();
    } else if (FirstExecutionTwice()) {
      Search();
    }
    out_.result.evidence.seconds = hooks_.clock->WallSeconds() - start_;
    return std::move(out_);
  }

 private:
  void Inconclusive(std::string reason, std::string mend) {
    out_.result.outcome = Outcome::kInconclusive;
    out_.result.reason = std::move(reason);
    out_.result.mend = std::move(mend);
  }

  void Unsupported(const ExecutionResult& execution) {
    Inconclusive(
        execution.unsupported,
        !execution.mend.empty()
            ? execution.mend
            : "The model checker cannot judge this test; let another engine "
              "do it, or leave that call out.");
  }

  void NotDeterministic(const std::string& where) {
    Inconclusive(
        absl::StrCat("The scenario does not do the same twice when its threads "
                     "are scheduled alike",
                     where, "."),
        "Take out what differs from run to run: the clock, random numbers, "
        "addresses used as values, files.");
  }

  std::string Where(const Event& event) const {
    const uintptr_t pc = event.stack.empty() ? 0 : event.stack.front();
    if (!hooks_.locate || pc == 0) return "";
    const verdict::SourceLocation place = hooks_.locate(pc);
    if (place.file.empty()) return "";
    return absl::StrCat("; the first difference is at ", place.file, ":",
                        place.line);
  }

  // Runs an execution again, twice, and finds where the two part.
  std::string FirstDifference(const DecisionStream& stream) {
    EventLog logs[2];
    for (EventLog& log : logs) {
      ReplayStrategy replay(stream, ReplayStrategy::Mode::kGuided);
      world_->Run(replay, &log);
    }
    const size_t size = std::min(logs[0].events.size(), logs[1].events.size());
    for (size_t i = 0; i < size; ++i) {
      if (!SameEvent(logs[0].events[i], logs[1].events[i])) {
        return Where(logs[1].events[i]);
      }
    }
    for (const EventLog& log : logs) {
      if (log.events.size() > size) return Where(log.events[size]);
    }
    return "";
  }

  static bool SameResult(const ExecutionResult& a, const ExecutionResult& b) {
    return a.end == b.end && a.steps == b.steps &&
           a.fingerprint == b.fingerprint &&
           (a.end != ExecutionEnd::kFailed || a.failure.kind == b.failure.kind);
  }

  // False when that has settled the result.
  bool FirstExecutionTwice() {
    RandomWalk walk(options_.seed);
    const ExecutionResult first = world_->Run(walk, nullptr);
    if (!first.unsupported.empty()) {
      Unsupported(first);
      return false;
    }
    const DecisionStream stream = walk.stream();
    ReplayStrategy replay(stream);
    const ExecutionResult second = world_->Run(replay, nullptr);
    if (replay.diverged() || !SameResult(first, second)) {
      NotDeterministic(FirstDifference(stream));
      return false;
    }
    return true;
  }

  // One phase. False when it has settled the result.
  bool RunPhase(Phase* phase, Portfolio* portfolio) {
    RecordingStrategy& strategy = *phase->strategy;
    Budget budget(phase->executions, phase->seconds, hooks_.clock);
    PhaseEnd end;
    bool going_on = true;
    while (going_on) {
      const ExecutionResult& execution = world_->Run(strategy, nullptr);
      if (!execution.unsupported.empty()) {
        Unsupported(execution);
        return false;
      }
      if (strategy.diverged()) {
        NotDeterministic(FirstDifference(strategy.stream()));
        return false;
      }
      end.limits |= execution.limits;
      if (strategy.owned()) {
        switch (execution.end) {
          case ExecutionEnd::kComplete:
            ++end.executions;
            break;
          case ExecutionEnd::kTruncated:
            ++end.truncated;
            break;
          case ExecutionEnd::kPruned:
            ++end.pruned;
            break;
          case ExecutionEnd::kFailed:
            out_.result.evidence = portfolio->Evidence();
            out_.result.evidence.executions += end.executions + 1;
            out_.result.evidence.strategy = strategy.Name();
            // So few, perhaps, that it looks like a mistake.
            if (phase->scout) {
              out_.result.evidence.detail =
                  "found by the few sampled executions that come before the "
                  "search";
            }
            Fail(execution.failure.kind, strategy.stream());
            return false;
        }
      }
      going_on = strategy.more() && budget.Spend();
      const double now = budget.last_look() + budget_start_;
      if (hooks_.progress && now - last_progress_ >= kProgressSeconds) {
        last_progress_ = now;
        hooks_.progress(portfolio->executions() + end.executions);
      }
    }
    end.seconds = budget.cpu_seconds();
    budget_start_ += budget.seconds();
    portfolio->Done(end);
    return true;
  }

  void Search() {
    Portfolio portfolio(options_, &world_->memory_model());
    while (Phase* phase = portfolio.Next()) {
      if (!RunPhase(phase, &portfolio)) return;
    }
    out_.result.evidence = portfolio.Evidence();
    if (portfolio.truncated() > 0) {
      Inconclusive(
          absl::StrCat(portfolio.truncated(), " of ",
                       portfolio.executions() + portfolio.truncated(),
                       " executions had not ended after ", options_.max_steps,
                       " steps; what would have happened then is not known."),
          "Make the scenario smaller (fewer threads or rounds), or raise "
          "max_steps in lab.toml.");
      return;
    }
    std::vector<verdict::Label> unreached;
    for (const verdict::Label& label : world_->expected()) {
      if (std::ranges::find(world_->reached(), label.name) ==
          world_->reached().end()) {
        unreached.push_back(label);
      }
    }
    if (!unreached.empty()) {
      NoteUnreached(unreached, portfolio.complete(), &out_);
      return;
    }
    if (portfolio.executions() == 0 && !portfolio.exhausted() &&
        options_.shard.count == 1) {
      Inconclusive("The budget was spent before one execution had ended.",
                   "Raise executions or seconds in lab.toml.");
      return;
    }
    out_.result.outcome = Outcome::kPass;
  }

  verdict::Finding Build(const Failure& failure, const EventLog& log,
                         const Witness& witness) const {
    if (hooks_.build_finding) {
      return hooks_.build_finding(failure, log, witness);
    }
    verdict::Finding finding;
    finding.kind = failure.kind;
    finding.message = failure.message;
    finding.where.file = failure.file;
    finding.where.line = failure.line;
    return finding;
  }

  void Fail(verdict::FailureKind kind, const DecisionStream& stream) {
    const ShrinkResult shrunk = Shrink(world_.get(), kind, stream);
    Witness witness;
    witness.replay = FormatDecisions(shrunk.stream);
    witness.context_switches = shrunk.switches;
    witness.inevitable_from = shrunk.inevitable_from;
    EventLog log;
    ReplayStrategy replay(shrunk.stream);
    const ExecutionResult again = world_->Run(replay, &log);
    if (again.end != ExecutionEnd::kFailed || again.failure.kind != kind) {
      NotDeterministic(FirstDifference(shrunk.stream));
      return;
    }
    out_.result.outcome = Outcome::kFail;
    out_.result.finding = Build(again.failure, log, witness);
    out_.replay = witness.replay;
    // Last: it runs other worlds.
    for (std::string& hint : FindHints(make_world_, options_, log, hooks_)) {
      out_.result.finding->hints.push_back(std::move(hint));
    }
  }

  void Replay() {
    const absl::StatusOr<DecisionStream> stream =
        ParseDecisions(options_.replay);
    if (!stream.ok()) {
      out_.result.outcome = Outcome::kHarnessError;
      out_.result.reason = absl::StrCat(
          "This is no replay string: ", std::string(stream.status().message()),
          ".");
      out_.result.mend = "Copy the whole token.";
      return;
    }
    EventLog log;
    ReplayStrategy replay(*stream);
    const ExecutionResult execution = world_->Run(replay, &log);
    out_.result.evidence.strength = Evidence::Strength::kSampled;
    out_.result.evidence.executions = 1;
    out_.result.evidence.strategy = replay.Name();
    if (!execution.unsupported.empty()) {
      Unsupported(execution);
    } else if (replay.diverged()) {
      Inconclusive(absl::StrCat("The replay does not fit this program: ",
                                replay.problem(), "."),
                   "Replay it with the sources that it was made from.");
    } else if (execution.end == ExecutionEnd::kFailed) {
      Witness witness;
      witness.replay = options_.replay;
      witness.context_switches = replay.switches();
      witness.inevitable_from =
          InevitableFrom(world_.get(), *stream, ShrinkOptions{}.certain_effort);
      out_.result.outcome = Outcome::kFail;
      out_.result.finding = Build(execution.failure, log, witness);
      out_.replay = witness.replay;
    } else {
      Inconclusive("The replayed execution does not fail.",
                   "Run the whole check to see whether another one does.");
    }
  }

  const WorldFactory& make_world_;
  const SearchOptions& options_;
  const DriverHooks& hooks_;
  const double start_;
  WorldOptions world_options_;
  std::unique_ptr<World> world_;
  Judgement out_;
  double budget_start_ = 0;  // wall seconds of the phases that have ended
  double last_progress_ = 0;
};

}  // namespace

verdict::Judgement CheckTest(const std::string& test,
                             const WorldFactory& make_world,
                             const SearchOptions& options,
                             const DriverHooks& hooks) {
  const absl::Status status = Validate(options);
  if (!status.ok()) {
    verdict::Judgement refused;
    refused.result.test = test;
    refused.result.engine = verdict::Engine::kModel;
    refused.result.outcome = Outcome::kHarnessError;
    refused.result.reason = std::string(status.message());
    refused.result.mend = "Change the option in lab.toml.";
    return refused;
  }
  return Driver(test, make_world, options, hooks).Check();
}

}  // namespace racelab::model
