#include "cli/proof.h"

#include <algorithm>
#include <utility>

#include "manifest/text.h"

namespace racelab::cli {
namespace {

using manifest::Append;
using manifest::Cat;
using manifest::Lab;
using verdict::Engine;
using verdict::Evidence;
using verdict::FailureKind;
using verdict::Finding;
using verdict::Outcome;
using verdict::TestResult;

template <typename T>
bool Has(const std::vector<T>& list, const T& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::string KindNames(const std::vector<FailureKind>& kinds) {
  std::vector<std::string> names;
  for (FailureKind kind : kinds) names.emplace_back(verdict::Name(kind));
  return manifest::Join(names, " or ");
}

std::string Cell(const TestResult& result) {
  return Cat(result.test, " under ", verdict::Name(result.engine));
}

Problem Plain(std::string where, std::string what) {
  Problem problem;
  problem.where = std::move(where);
  problem.what = std::move(what);
  return problem;
}

Problem Shown(std::string where, std::string what, const TestResult& result) {
  Problem problem = Plain(std::move(where), std::move(what));
  problem.has_result = true;
  problem.result = result;
  return problem;
}

// A cell that could not be decided says nothing of the lab: run it again, or
// give the lab a larger budget.
Problem Undecided(const Answer& answer, const TestResult& result) {
  Problem problem = Plain(
      answer.name,
      Cat(Cell(result), " is not decided (", verdict::Name(result.outcome),
          "): ", result.reason, result.mend.empty() ? "" : "; ", result.mend));
  problem.undecided = true;
  return problem;
}

// Building problems of an answer that should build, as problems.
void JudgeBuild(const Answer& answer, const AnswerRun& run,
                std::vector<Problem>& problems) {
  for (const Finding& finding : run.findings) {
    std::string what = Cat(verdict::Name(finding.kind), ": ", finding.message);
    if (!finding.where.file.empty()) {
      what = Cat(finding.where.file, ":", finding.where.line, ": ", what);
    }
    if (finding.kind == FailureKind::kBuildError && !finding.output.empty()) {
      Append(what, "\n", finding.output);
    }
    problems.push_back(Plain(answer.name, what));
  }
}

bool Declared(const Lab& lab, const TestResult& result) {
  return std::any_of(lab.starter_fails.begin(), lab.starter_fails.end(),
                     [&](const manifest::ExpectedFailure& failure) {
                       return failure.test == result.test &&
                              failure.engine == result.engine;
                     });
}

void JudgeStarter(const Lab& lab, const Answer& answer, const AnswerRun& run,
                  std::vector<Problem>& problems) {
  for (const manifest::ExpectedFailure& failure : lab.starter_fails) {
    if (failure.engine == Engine::kStatic) {
      const bool found = std::any_of(
          run.findings.begin(), run.findings.end(),
          [&](const Finding& f) { return Has(failure.kinds, f.kind); });
      if (!found) {
        problems.push_back(Plain(
            answer.name,
            Cat("lab.toml:", failure.line, ": reading the module found no ",
                KindNames(failure.kinds))));
      }
      continue;
    }
    for (const TestResult& result : run.results) {
      if (result.test != failure.test || result.engine != failure.engine) {
        continue;
      }
      if (result.outcome == Outcome::kPass) {
        problems.push_back(Plain(
            answer.name,
            Cat("the starter passes ", Cell(result), ", but lab.toml:",
                failure.line, " declares ", KindNames(failure.kinds),
                ": break the starter, strengthen the scenario, or drop the "
                "declaration")));
      } else if (result.outcome == Outcome::kFail &&
                 !Has(failure.kinds, result.finding->kind)) {
        problems.push_back(
            Shown(answer.name,
                  Cat("the starter fails ", Cell(result), " with ",
                      verdict::Name(result.finding->kind), ", but lab.toml:",
                      failure.line, " declares ", KindNames(failure.kinds)),
                  result));
      }
    }
  }
  for (const TestResult& result : run.results) {
    if (result.outcome == Outcome::kPass) continue;
    if (result.outcome != Outcome::kFail) {
      problems.push_back(Undecided(answer, result));
    } else if (!Declared(lab, result)) {
      problems.push_back(Shown(
          answer.name,
          Cat("the starter fails ", Cell(result), " with ",
              verdict::Name(result.finding->kind),
              ", which lab.toml does not declare: add a [[starter.fails]], or "
              "mend the starter"),
          result));
    }
  }
  if (lab.starter_fails.empty()) {
    problems.push_back(Plain(answer.name,
                             "lab.toml declares no [[starter.fails]]: a lab "
                             "whose starter passes teaches nothing"));
  }
  if (!run.warnings.empty()) {
    problems.push_back(
        Plain(answer.name,
              Cat("the starter compiles with warnings:\n", run.warnings)));
  }
}

void JudgePassing(const Lab& lab, const Answer& answer, const AnswerRun& run,
                  std::vector<Problem>& problems) {
  const bool solution = answer.kind == AnswerKind::kSolution;
  const std::string_view who =
      solution ? "the solution" : "an answer that should be accepted";
  for (const TestResult& result : run.results) {
    if (result.outcome == Outcome::kFail) {
      problems.push_back(Shown(answer.name,
                               Cat(who, " fails ", Cell(result), " with ",
                                   verdict::Name(result.finding->kind)),
                               result));
      continue;
    }
    if (result.outcome != Outcome::kPass) {
      problems.push_back(Undecided(answer, result));
      continue;
    }
    const manifest::Test* test = lab.FindTest(result.test);
    const Evidence::Strength got = result.evidence.strength;
    if (result.engine == Engine::kModel && test != nullptr &&
        test->model.expect == Evidence::Strength::kExhausted &&
        got == Evidence::Strength::kSampled && answer.sampled_because.empty()) {
      problems.push_back(Plain(
          answer.name,
          Cat(Cell(result), " is not exhausted: ", result.evidence.executions,
              " executions were sampled (", result.evidence.strategy,
              "). Make the scenario smaller, or say why not: ",
              solution ? "expect = \"sampled\" in lab.toml"
                       : "sampled_because in accept.toml")));
    }
  }
  if (solution && !run.warnings.empty()) {
    problems.push_back(
        Plain(answer.name,
              Cat("the solution compiles with warnings:\n", run.warnings)));
  }
}

void JudgeRejected(const Answer& answer, const AnswerRun& run,
                   std::vector<Problem>& problems) {
  const manifest::RejectedAnswer& wanted = answer.rejected;
  for (Engine engine : wanted.engines) {
    bool caught = false;
    const TestResult* other = nullptr;  // failed, but with another kind
    const TestResult* undecided = nullptr;
    if (engine == Engine::kStatic) {
      caught = std::any_of(
          run.findings.begin(), run.findings.end(),
          [&](const Finding& f) { return Has(wanted.kinds, f.kind); });
    }
    for (const TestResult& result : run.results) {
      if (result.engine != engine) continue;
      if (!wanted.test.empty() && result.test != wanted.test) continue;
      if (result.outcome == Outcome::kFail) {
        if (Has(wanted.kinds, result.finding->kind)) {
          caught = true;
        } else {
          other = &result;
        }
      } else if (result.outcome != Outcome::kPass) {
        undecided = &result;
      }
    }
    if (caught) continue;
    if (other != nullptr) {
      problems.push_back(Shown(
          answer.name,
          Cat(Cell(*other), " fails with ", verdict::Name(other->finding->kind),
              ", but expect.toml declares ", KindNames(wanted.kinds)),
          *other));
    } else if (undecided != nullptr) {
      problems.push_back(Undecided(answer, *undecided));
    } else {
      problems.push_back(
          Plain(answer.name,
                Cat("this wrong answer survives: ", verdict::Name(engine),
                    " should have caught it",
                    wanted.test.empty() ? "" : Cat(" in ", wanted.test),
                    " with ", KindNames(wanted.kinds),
                    ". Strengthen the scenario, or declare another engine")));
    }
  }
}

}  // namespace

std::string_view Mark(const std::vector<Problem>& problems) {
  if (problems.empty()) return "ok   ";
  const bool undecided =
      std::all_of(problems.begin(), problems.end(),
                  [](const Problem& problem) { return problem.undecided; });
  return undecided ? "?    " : "WRONG";
}

Needed NeededFor(const Lab& lab, const Answer& answer) {
  Needed needed;
  if (answer.kind == AnswerKind::kSolution ||
      answer.kind == AnswerKind::kAccepted) {
    needed.stress = 0.3;
  }
  if (answer.kind != AnswerKind::kRejected) return needed;
  for (Engine engine : answer.rejected.engines) {
    if (engine != Engine::kStatic) needed.engines.push_back(engine);
  }
  if (!answer.rejected.test.empty()) {
    needed.tests.push_back(answer.rejected.test);
  } else if (needed.engines.empty()) {
    // Only the static check: building is enough, and the shortest test.
    needed.engines = {lab.tests.front().engines.front()};
    needed.tests = {lab.tests.front().name};
  }
  return needed;
}

std::vector<Problem> Judge(const Lab& lab, const Answer& answer,
                           const AnswerRun& run) {
  std::vector<Problem> problems;
  const bool builds = std::none_of(
      run.findings.begin(), run.findings.end(), [](const Finding& finding) {
        return finding.kind == FailureKind::kBuildError;
      });
  switch (answer.kind) {
    case AnswerKind::kStarter: {
      const bool static_declared =
          std::any_of(lab.starter_fails.begin(), lab.starter_fails.end(),
                      [](const manifest::ExpectedFailure& failure) {
                        return failure.engine == Engine::kStatic;
                      });
      if (!static_declared) JudgeBuild(answer, run, problems);
      JudgeStarter(lab, answer, run, problems);
      break;
    }
    case AnswerKind::kSolution:
    case AnswerKind::kAccepted:
      JudgeBuild(answer, run, problems);
      JudgePassing(lab, answer, run, problems);
      break;
    case AnswerKind::kRejected: {
      const bool wants_static = Has(answer.rejected.engines, Engine::kStatic);
      if (!builds && !wants_static) {
        JudgeBuild(answer, run, problems);
        break;
      }
      if (!run.findings.empty() && !wants_static) {
        problems.push_back(Plain(
            answer.name,
            Cat("reading its module finds ", run.findings[0].message, " (",
                verdict::Name(run.findings[0].kind),
                "), but expect.toml does not name the engine \"static\"")));
      }
      JudgeRejected(answer, run, problems);
      break;
    }
  }
  return problems;
}

}  // namespace racelab::cli
