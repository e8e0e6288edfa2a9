// runner.process: calls each test of a process lab for real, several times,
// each time in a fresh child, and watches what becomes of it.

#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "runtimes/common/child.h"
#include "runtimes/common/expectations.h"
#include "runtimes/common/module.h"
#include "runtimes/common/runner.h"
#include "runtimes/process/crash.h"
#include "runtimes/process/hang.h"
#include "runtimes/process/leftovers.h"
#include "runtimes/process/stack.h"
#include "runtimes/process/trouble.h"
#include "symbols/symbols.h"
#include "verdict/verdict.h"

namespace racelab::process {
namespace {

using runtimes::ChildEnd;
using runtimes::Judgement;
using runtimes::Messenger;

using Clock = std::chrono::steady_clock;

// Messages of the child.
constexpr char kExpectation = 'F';  // line \n file \n message
constexpr char kLeftover = 'L';     // a sentence
constexpr char kStray = 'S';        // a child came back into the scenario
constexpr char kSkipped = 'K';      // GTEST_SKIP()
constexpr char kCannotLoad = 'E';
constexpr char kCrash = 'C';  // with a CrashReport
constexpr char kEnded = 'O';  // the test ran to its end

int RunTest(const std::string& module_path, const std::string& test,
            const Messenger& messenger) {
  auto module = runtimes::LoadedModule::Load(module_path);
  if (!module.ok()) {
    messenger.Send(kCannotLoad, std::string(module.status().message()));
    return 0;
  }
  TroubleCallsFrom((*module)->extent());
  TellCrashes(**module, messenger, kCrash);
  // Orphans come to us, so that they are found.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t self = getpid();
  const Belongings before = LookAround();
  const runtimes::GoogleTestRun run = runtimes::RunGoogleTest(test);
  if (getpid() != self) {
    messenger.Send(kStray, "");
    return 0;
  }
  for (const runtimes::ExpectationFailure& failure : run.failures) {
    messenger.Send(kExpectation, absl::StrCat(failure.line, "\n", failure.file,
                                              "\n", failure.message));
  }
  // A test that failed half-way has left things behind with good reason.
  if (run.failures.empty()) {
    for (const std::string& leftover : Leftovers(before)) {
      messenger.Send(kLeftover, leftover);
    }
  }
  if (run.skipped) messenger.Send(kSkipped, "");
  messenger.Send(kEnded, "");
  return 0;
}

// What the messages of one run amount to.
struct Heard {
  std::optional<verdict::Finding> finding;
  std::vector<std::string> leftovers;
  std::optional<CrashReport> crash;        // of the test's own process
  std::optional<CrashReport> child_crash;  // of the first child that had one
  std::string cannot_load;
  bool skipped = false;
  bool ended = false;

  void Message(char kind, std::string_view bytes) {
    switch (kind) {
      case kExpectation: {
        if (finding) return;
        const std::vector<std::string> fields =
            absl::StrSplit(std::string(bytes), absl::MaxSplits('\n', 2));
        runtimes::ExpectationFailure failure;
        if (fields.size() == 3 && absl::SimpleAtoi(fields[0], &failure.line)) {
          failure.file = fields[1];
          failure.message = fields[2];
          finding = runtimes::ToFinding(failure);
        }
        return;
      }
      case kLeftover:
        leftovers.emplace_back(bytes);
        return;
      case kStray:
        finding.emplace();
        finding->kind = verdict::FailureKind::kMisuse;
        finding->message =
            "A forked child came back from the student's code into the "
            "scenario: it must leave with _exit().";
        return;
      case kCrash:
        if (const auto report = ParseCrash(bytes)) {
          auto& where = report->of_child ? child_crash : crash;
          if (!where) where = report;
        }
        return;
      case kSkipped:
        skipped = true;
        return;
      case kCannotLoad:
        cannot_load = std::string(bytes);
        return;
      case kEnded:
        ended = true;
        return;
      default:
        return;
    }
  }
};

verdict::Finding DeadlockFinding(std::vector<verdict::BlockedThread> blocked) {
  verdict::Finding finding;
  finding.kind = verdict::FailureKind::kDeadlock;
  finding.message = absl::StrCat(
      "Nothing moves any more: ",
      absl::StrJoin(blocked, "; ",
                    [](std::string* out, const verdict::BlockedThread& task) {
                      absl::StrAppend(out, task.thread, " waits for ",
                                      task.waits_for);
                    }),
      ".");
  for (const verdict::BlockedThread& task : blocked) {
    if (task.stack.empty()) continue;
    const verdict::SourceLocation& place = task.stack.front();
    if (finding.where.line == 0 ||
        (!finding.where.file.starts_with("student/") &&
         place.file.starts_with("student/"))) {
      finding.where = place;
    }
  }
  finding.blocked = std::move(blocked);
  return finding;
}

// The module's lines, read when first asked for.
class Lines {
 public:
  explicit Lines(const runtimes::Request& request) : request_(request) {}

  std::vector<verdict::SourceLocation> Of(std::span<const uintptr_t> stack) {
    if (!module_) {
      module_.emplace(symbols::Module::Open(
          request_.module, 0, {.source_root = request_.source_root}));
    }
    if (!module_->ok()) return {};
    return (**module_)->OwnFrames(stack);
  }

 private:
  const runtimes::Request& request_;
  std::optional<absl::StatusOr<std::unique_ptr<symbols::Module>>> module_;
};

// The places of the tasks that wait.
void AddStacks(const std::vector<Task>& tasks, const std::string& module,
               Lines& lines, std::vector<verdict::BlockedThread>& blocked) {
  for (size_t i = 0; i < blocked.size() && i < tasks.size(); ++i) {
    const auto registers = RegistersOf(tasks[i]);
    if (!registers) continue;
    blocked[i].stack =
        lines.Of(StackIn(module, tasks[i].pid, registers->stack_pointer,
                         registers->code_address));
  }
}

// "died of SIGSEGV (…) at till.cc:12", and the place.
std::string Death(const CrashReport& crash, Lines& lines,
                  verdict::SourceLocation* place) {
  std::string text =
      absl::StrCat("died of ", runtimes::SignalName(crash.signal));
  const std::vector<verdict::SourceLocation> stack = lines.Of(crash.stack());
  if (stack.empty()) return text;
  *place = stack.front();
  return absl::StrCat(text, " at ",
                      place->file.substr(place->file.rfind('/') + 1), ":",
                      place->line);
}

class ProcessRunner : public runtimes::EngineRunner {
 public:
  verdict::Engine engine() const override { return verdict::Engine::kProcess; }
  bool isolated() const override { return true; }

  absl::Status Prepare(const runtimes::Request& request) override {
    runs_ = request.options.Count("runs", 3);
    seconds_ = request.options.Number("seconds", 10);
    if (runs_ == 0) {
      return absl::InvalidArgumentError("\"runs\" must be at least 1");
    }
    return absl::OkStatus();
  }

  Judgement Judge(const runtimes::TestInfo& test,
                  runtimes::Session& session) override {
    const auto started = Clock::now();
    Judgement judgement;
    verdict::TestResult& result = judgement.result;
    uint64_t run = 0;
    for (; run < runs_ && session.wanted(); ++run) {
      std::optional<Judgement> ended =
          RunOnce(test.name, session.request(), started);
      if (!ended) continue;
      judgement = *std::move(ended);
      break;
    }
    if (run == runs_) result.outcome = verdict::Outcome::kPass;
    result.evidence.strength = verdict::Evidence::Strength::kRounds;
    result.evidence.executions = std::min(run + 1, runs_);
    result.evidence.strategy = "fresh processes";
    result.evidence.seconds = Since(started);
    return judgement;
  }

 private:
  static double Since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  static Judgement Failed(verdict::Finding finding) {
    Judgement judgement;
    judgement.result.outcome = verdict::Outcome::kFail;
    judgement.result.finding = std::move(finding);
    return judgement;
  }

  // Empty: nothing was wrong with this run.
  std::optional<Judgement> RunOnce(const std::string& test,
                                   const runtimes::Request& request,
                                   Clock::time_point started) {
    const std::string& module = request.module;
    Heard heard;
    Lines lines(request);
    std::optional<HangObserver> observer;
    std::vector<verdict::BlockedThread> blocked;
    bool out_of_time = false;
    runtimes::ChildOptions options;
    options.work = [&](const Messenger& messenger) {
      return RunTest(module, test, messenger);
    };
    options.on_message = [&](char kind, std::string_view bytes) {
      heard.Message(kind, bytes);
    };
    options.on_tick = [&](pid_t child) {
      if (!observer) observer.emplace(child);
      blocked = observer->Look();
      if (!blocked.empty()) {
        AddStacks(observer->tasks(), module, lines, blocked);
      }
      out_of_time = Since(started) > seconds_;
      return blocked.empty() && !out_of_time;
    };
    absl::StatusOr<ChildEnd> end = runtimes::RunChild(options);
    if (!end.ok()) {
      return runtimes::Inconclusive(std::string(end.status().message()),
                                    "allow more processes, and try again");
    }
    if (!heard.cannot_load.empty()) {
      return runtimes::Inconclusive(heard.cannot_load, "");
    }
    // What went wrong may well have begun with a child that crashed.
    const auto with_crash = [&](verdict::Finding finding) {
      if (!heard.child_crash) return Failed(std::move(finding));
      verdict::SourceLocation place;
      // On one line: a message of several is not wrapped.
      absl::StrAppend(
          &finding.message, absl::EndsWith(finding.message, ".") ? "" : ".",
          " A child ", Death(*heard.child_crash, lines, &place), ".");
      if (place.file.starts_with("student/") &&
          !finding.where.file.starts_with("student/")) {
        finding.where = place;
      }
      return Failed(std::move(finding));
    };
    if (heard.finding) return with_crash(*std::move(heard.finding));
    if (!blocked.empty()) {
      return with_crash(DeadlockFinding(std::move(blocked)));
    }
    if (out_of_time) {
      return runtimes::Inconclusive(
          absl::StrCat("the test did not end within ", seconds_,
                       " s, and its processes were not all waiting"),
          "if the machine is busy, try again; else look for a loop that does "
          "not end");
    }
    if (!heard.leftovers.empty()) {
      verdict::Finding finding;
      finding.kind = verdict::FailureKind::kLeak;
      finding.message = heard.leftovers.front();
      finding.output = absl::StrJoin(heard.leftovers, "\n");
      return Failed(std::move(finding));
    }
    if (end->how == ChildEnd::How::kSignaled) {
      verdict::Finding finding;
      finding.kind = verdict::FailureKind::kCrash;
      finding.message = absl::StrCat(
          "The test's own process ",
          heard.crash && heard.crash->signal == end->signal
              ? Death(*heard.crash, lines, &finding.where)
              : absl::StrCat("died of ", runtimes::SignalName(end->signal)),
          ".");
      return Failed(std::move(finding));
    }
    if (!heard.ended) {
      verdict::Finding finding;
      finding.kind = verdict::FailureKind::kCrash;
      finding.message =
          absl::StrCat("The test's own process left with exit code ", end->code,
                       " before the test was over.");
      return Failed(std::move(finding));
    }
    if (heard.skipped) {
      return runtimes::Inconclusive("the test skips itself", "");
    }
    return std::nullopt;
  }

  uint64_t runs_ = 3;
  double seconds_ = 10;
};

}  // namespace
}  // namespace racelab::process

int main(int argc, char** argv) {
  racelab::process::ProcessRunner runner;
  return racelab::runtimes::RunnerMain(argc, argv, runner);
}
