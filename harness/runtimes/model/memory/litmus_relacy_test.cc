// The litmus suite under Relacy's own histories: litmus/relacy.differs lists
// exactly where they differ from C++20.

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "runtimes/common/testing.h"
#include "runtimes/model/memory/litmus.h"
#include "runtimes/model/memory/litmus_module.h"
#include "verdict/verdict.h"

namespace racelab::model {
namespace {

using verdict::FailureKind;
using verdict::Outcome;

// Test → "misses", "invents" or "no-race".
std::map<std::string, std::string> ReadDifferences() {
  std::map<std::string, std::string> differences;
  std::ifstream file(RACELAB_LITMUS "/relacy.differs");
  bool reasoned = false;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind;
    std::string test;
    words >> kind >> test;
    if (kind.empty() || kind[0] == '#') {
      reasoned = false;
    } else if (kind == "because") {
      reasoned = true;
    } else {
      EXPECT_TRUE(reasoned) << line << " has no reason";
      EXPECT_TRUE(differences.try_emplace(test, kind).second) << line;
    }
  }
  return differences;
}

std::string Difference(const LitmusTest& test,
                       const verdict::TestResult& result) {
  const bool failed = result.outcome == Outcome::kFail;
  if (!failed && result.outcome != Outcome::kPass)
    return runtimes::Describe(result);
  const FailureKind kind =
      failed ? result.finding->kind : FailureKind::kWrongResult;
  if (test.race) {
    return failed && kind == FailureKind::kDataRace ? "" : "no-race";
  }
  if (!failed) return "";
  return kind == FailureKind::kUnreachable   ? "misses"
         : kind == FailureKind::kWrongResult ? "invents"
                                             : runtimes::Describe(result);
}

class LitmusRelacy : public ::testing::TestWithParam<const char*> {};

TEST_P(LitmusRelacy, DiffersWhereTheListSaysAndNowhereElse) {
  const auto suite = ReadLitmusDirectory(RACELAB_LITMUS);
  ASSERT_TRUE(suite.ok()) << suite.status();
  const std::map<std::string, std::string> expected = ReadDifferences();
  EXPECT_GE(expected.size(), 10u);
  std::vector<std::string> names;
  for (const LitmusTest& test : *suite) {
    names.push_back("Litmus." + ModuleTestName(test));
  }
  const runtimes::RunnerAnswer answer = runtimes::AskRunner(
      {.runner = RACELAB_BIN "/runner.model",
       .module =
           std::string(RACELAB_MODULES "/model_litmus_") + GetParam() + ".so",
       .tests = names,
       .options = R"({"strategy":"full","executions":100000000,"seconds":100,)"
                  R"("memory":"relacy"})",
       .raw = ""});
  ASSERT_TRUE(answer.done) << answer.error << answer.output;
  std::map<std::string, std::string> found;
  for (const LitmusTest& test : *suite) {
    const std::string difference =
        Difference(test, answer.ResultOf("Litmus." + ModuleTestName(test)));
    if (!difference.empty()) found[test.name] = difference;
  }
  EXPECT_EQ(found, expected);
}

INSTANTIATE_TEST_SUITE_P(Compilers, LitmusRelacy,
                         ::testing::Values(RACELAB_MODULE_COMPILERS),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

}  // namespace
}  // namespace racelab::model
