// The litmus suite as C++ through the whole of runner.model: compilers'
// instrumentation, bridge, world, store histories, search.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtimes/common/testing.h"
#include "runtimes/model/memory/litmus.h"
#include "runtimes/model/memory/litmus_module.h"

namespace racelab::model {
namespace {

using runtimes::Describe;
using verdict::Evidence;
using verdict::FailureKind;
using verdict::Outcome;

class LitmusPipeline : public ::testing::TestWithParam<const char*> {};

TEST_P(LitmusPipeline, FindsWhatTheAxiomsAllowAndNothingElse) {
  const auto suite = ReadLitmusDirectory(RACELAB_LITMUS);
  ASSERT_TRUE(suite.ok()) << suite.status();
  std::vector<std::string> names;
  for (const LitmusTest& test : *suite) {
    names.push_back("Litmus." + ModuleTestName(test));
  }
  const runtimes::RunnerAnswer answer = runtimes::AskRunner(
      {.runner = RACELAB_BIN "/runner.model",
       .module =
           std::string(RACELAB_MODULES "/model_litmus_") + GetParam() + ".so",
       .tests = names,
       .options = R"({"strategy":"full","executions":100000000,"seconds":100})",
       .raw = ""});
  ASSERT_TRUE(answer.done) << answer.error << answer.output;
  for (const LitmusTest& test : *suite) {
    const verdict::TestResult result =
        answer.ResultOf("Litmus." + ModuleTestName(test));
    if (test.race) {
      EXPECT_EQ(result.outcome, Outcome::kFail) << test.name;
      EXPECT_TRUE(result.finding.has_value() &&
                  result.finding->kind == FailureKind::kDataRace)
          << test.name << ": " << Describe(result);
      continue;
    }
    EXPECT_EQ(result.outcome, Outcome::kPass)
        << test.name << ": " << Describe(result);
    EXPECT_EQ(result.evidence.strength, Evidence::Strength::kExhausted)
        << test.name << ": " << Describe(result);
  }
}

INSTANTIATE_TEST_SUITE_P(Compilers, LitmusPipeline,
                         ::testing::Values(RACELAB_MODULE_COMPILERS),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

}  // namespace
}  // namespace racelab::model
