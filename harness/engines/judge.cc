#include "engines/judge.h"

#include <signal.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engines/transcript.h"
#include "sandbox/sandbox.h"
#include "verdict/verdict.h"

namespace racelab::engines {
namespace {

// Completes "the runner …".
std::string Ended(const sandbox::RunResult& run,
                  const sandbox::Limits& limits) {
  return absl::StrCat(
      run.end == sandbox::RunResult::End::kSignalled ? "was " : "",
      sandbox::Describe(run, limits));
}

using sandbox::RunResult;
using verdict::FailureKind;
using verdict::Judgement;
using verdict::Outcome;

Judgement Result(verdict::Engine engine, const std::string& test,
                 Outcome outcome, std::string reason, std::string mend) {
  Judgement recorded;
  recorded.result.test = test;
  recorded.result.engine = engine;
  recorded.result.outcome = outcome;
  recorded.result.reason = std::move(reason);
  recorded.result.mend = std::move(mend);
  return recorded;
}

Judgement Failure(verdict::Engine engine, const std::string& test,
                  FailureKind kind, std::string message, std::string output) {
  Judgement recorded;
  recorded.result.test = test;
  recorded.result.engine = engine;
  recorded.result.outcome = Outcome::kFail;
  verdict::Finding finding;
  finding.kind = kind;
  finding.message = std::move(message);
  finding.output = std::move(output);
  recorded.result.finding = std::move(finding);
  return recorded;
}

// The last words on stderr: what libraries say before they abort.
std::string LastWords(const RunResult& run) {
  constexpr size_t kMax = 2000;
  const std::string text(absl::StripAsciiWhitespace(run.err));
  return text.size() > kMax ? text.substr(text.size() - kMax) : text;
}

// The test that ran when the runner ended without `done`.
Judgement HowItEnded(verdict::Engine engine, const std::string& test,
                     const Transcript& transcript, const RunResult& run,
                     const sandbox::Limits& limits) {
  const auto crash = [&](std::string message) {
    return Failure(engine, test, FailureKind::kCrash, std::move(message),
                   LastWords(run));
  };
  if (!transcript.broken().empty()) {
    return Failure(
        engine, test, FailureKind::kForbiddenConstruct,
        absl::StrCat("wrote to the channel between the runner and the grader: ",
                     transcript.broken()),
        "");
  }
  switch (run.end) {
    case RunResult::End::kStopped:  // only for a broken transcript
      break;
    case RunResult::End::kExited:
      return crash(absl::StrCat(
          "the program ended in the middle of the test (exit code ", run.code,
          "): a test must return, not exit"));
    case RunResult::End::kSignalled:
      if (run.code == SIGKILL) {
        return Result(engine, test, Outcome::kHarnessError,
                      "the runner was killed from outside",
                      "see whether the machine ran out of memory, and try "
                      "again");
      }
      return crash(absl::StrCat("the program was ",
                                sandbox::Describe(run, limits),
                                " in the middle of the test"));
    case RunResult::End::kOutputLimit:
      return crash(
          absl::StrCat("the program ", sandbox::Describe(run, limits)));
    case RunResult::End::kMemoryLimit:
      // The model's own search needs memory too.
      if (engine == verdict::Engine::kModel) {
        return Result(
            engine, test, Outcome::kInconclusive,
            absl::StrCat("the search ", sandbox::Describe(run, limits)),
            "make the scenario smaller");
      }
      return crash(
          absl::StrCat("the program ", sandbox::Describe(run, limits)));
    case RunResult::End::kWallLimit:
    case RunResult::End::kCpuLimit:
      return Result(
          engine, test, Outcome::kInconclusive,
          absl::StrCat("the test was ended: ", sandbox::Describe(run, limits)),
          "look for a loop that never ends; on a busy machine, try again");
  }
  return Result(engine, test, Outcome::kHarnessError, "unknown end", "");
}

}  // namespace

std::map<std::string, Judgement> Judge(verdict::Engine engine,
                                       const std::vector<std::string>& tests,
                                       const Transcript& transcript,
                                       const RunResult& run,
                                       const sandbox::Limits& limits) {
  std::map<std::string, Judgement> settled;
  const auto all = [&](const Judgement& recorded) {
    for (const std::string& test : tests) {
      if (settled.contains(test)) continue;
      settled[test] = recorded;
      settled[test].result.test = test;
    }
    return settled;
  };

  if (transcript.error()) {
    return all(Result(engine, "", Outcome::kInconclusive,
                      transcript.error()->reason, transcript.error()->mend));
  }
  // Before hello none of the student's code has been loaded.
  if (!transcript.hello()) {
    return all(
        Result(engine, "", Outcome::kHarnessError,
               absl::StrCat("the runner ", Ended(run, limits),
                            " before it said anything: ", LastWords(run)),
               "run `racelab doctor`"));
  }
  const bool complete =
      transcript.done() && run.ok() && transcript.broken().empty();
  for (const auto& [test, recorded] : transcript.results()) {
    // A failure stands, however the run went on: it has its witness. What was
    // said together with a broken record was said by anybody.
    if (complete || (recorded.result.outcome == Outcome::kFail &&
                     transcript.broken().empty())) {
      settled[test] = recorded;
    }
  }
  if (complete) {
    // A silenced detector proves nothing. Only failures stand.
    if (!transcript.canary()) {
      for (auto& [test, recorded] : settled) {
        if (recorded.result.outcome != Outcome::kPass) continue;
        recorded = Result(
            engine, test, Outcome::kInconclusive,
            "a race that the runner planted after the test was not reported, "
            "so nothing that was not reported is proof",
            "remove what may silence the detector");
      }
    }
    return all(Result(engine, "", Outcome::kHarnessError,
                      "the runner ended without a word on this test", ""));
  }
  if (!transcript.running().empty()) {
    settled[transcript.running()] =
        HowItEnded(engine, transcript.running(), transcript, run, limits);
    return settled;
  }
  if (!transcript.broken().empty()) {
    return all(HowItEnded(engine, "", transcript, run, limits));
  }
  if (transcript.results().empty()) {
    // While the module was being loaded: the student's initializers.
    return all(HowItEnded(engine, "", transcript, run, limits));
  }
  // After the last test, or between two.
  return all(Result(engine, "", Outcome::kInconclusive,
                    absl::StrCat("the runner ", Ended(run, limits),
                                 " after a test had ended"),
                    "look for threads and objects that outlive the test"));
}

void SplitMend(const std::string& message, std::string& reason,
               std::string& mend) {
  const size_t at = message.find("; ");
  reason = message.substr(0, at);
  mend = at == std::string::npos ? "" : message.substr(at + 2);
}

std::map<std::string, Judgement> CouldNotRun(
    verdict::Engine engine, const std::vector<std::string>& tests,
    const absl::Status& why) {
  std::string reason, mend;
  SplitMend(std::string(why.message()), reason, mend);
  std::map<std::string, Judgement> results;
  for (const std::string& test : tests) {
    results[test] = Result(engine, test, Outcome::kHarnessError, reason, mend);
  }
  return results;
}

}  // namespace racelab::engines
