// Full search with reduction and without: of small random programs both see the
// same outcomes, and if one finds a failure, so does the other.

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "runtimes/common/testing.h"

namespace racelab::model {
namespace {

using runtimes::Describe;
using verdict::Evidence;
using verdict::Outcome;
using verdict::TestResult;

// As in testdata/random_programs.cc.
constexpr size_t kRow = 16384;
constexpr size_t kRows = 64;
constexpr int kFirst = 10;
constexpr int kLast = 59;

struct Seen {
  runtimes::RunnerAnswer answer;
  std::string outcomes;
};

Seen Search(const std::string& module, const std::string& options) {
  const int file = memfd_create("outcomes", MFD_CLOEXEC);
  EXPECT_EQ(ftruncate(file, kRow * kRows), 0);
  const std::string path =
      "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file);
  setenv("RACELAB_OUTCOMES", path.c_str(), 1);
  runtimes::RunnerAsk ask;
  ask.runner = RACELAB_BIN "/runner.model";
  ask.module = module;
  ask.options = options;
  for (int i = kFirst; i <= kLast; ++i) {
    ask.tests.push_back("Random.P" + std::to_string(i));
  }
  Seen seen;
  seen.answer = runtimes::AskRunner(ask);
  unsetenv("RACELAB_OUTCOMES");
  seen.outcomes.resize(kRow * kRows);
  EXPECT_EQ(pread(file, seen.outcomes.data(), seen.outcomes.size(), 0),
            static_cast<ssize_t>(seen.outcomes.size()));
  close(file);
  return seen;
}

bool Exhausted(const TestResult& result) {
  return result.outcome == Outcome::kPass &&
         result.evidence.strength == Evidence::Strength::kExhausted;
}

class RandomPrograms : public testing::TestWithParam<std::string> {};

TEST_P(RandomPrograms, ReductionKeepsEveryOutcomeAndEveryFailure) {
  const std::string module =
      std::string(RACELAB_MODULES "/model_random_programs_") + GetParam() +
      ".so";
  // Numbers of executions: the same programs are compared on every machine.
  const Seen reduced =
      Search(module, R"({"strategy":"full","executions":100000,"seconds":60})");
  const Seen whole = Search(
      module,
      R"({"strategy":"full","executions":40000,"seconds":60,"reduce":false})");
  // Also random walks, where all of them are too many to see.
  const Seen walks =
      Search(module, R"({"strategy":"random","executions":5000,"seconds":60})");
  ASSERT_TRUE(reduced.answer.done) << reduced.answer.output;
  ASSERT_TRUE(whole.answer.done) << whole.answer.output;
  ASSERT_TRUE(walks.answer.done) << walks.answer.output;
  int exhausted = 0, compared = 0, failed = 0, different = 0;
  for (int i = kFirst; i <= kLast; ++i) {
    const std::string name = "Random.P" + std::to_string(i);
    SCOPED_TRACE(name);
    const TestResult result = reduced.answer.ResultOf(name);
    const TestResult of_whole = whole.answer.ResultOf(name);
    const TestResult of_walks = walks.answer.ResultOf(name);
    if (result.outcome == Outcome::kFail) {
      ++failed;
      EXPECT_FALSE(Exhausted(of_whole)) << Describe(result);
      continue;
    }
    ASSERT_EQ(result.outcome, Outcome::kPass) << Describe(result);
    if (!Exhausted(result)) continue;
    ++exhausted;
    EXPECT_EQ(of_whole.outcome, Outcome::kPass) << Describe(of_whole);
    EXPECT_EQ(of_walks.outcome, Outcome::kPass) << Describe(of_walks);
    compared += Exhausted(of_whole);
    int outcomes = 0, missed = 0, invented = 0;
    for (size_t at = i * kRow; at < (i + 1) * kRow; ++at) {
      outcomes += reduced.outcomes[at];
      const bool elsewhere = whole.outcomes[at] != 0 || walks.outcomes[at] != 0;
      missed += elsewhere && reduced.outcomes[at] == 0;
      invented += !elsewhere && reduced.outcomes[at] != 0;
    }
    EXPECT_EQ(missed, 0);
    if (Exhausted(of_whole)) {
      EXPECT_EQ(invented, 0);
    }
    EXPECT_GT(outcomes, 0);
    different += outcomes > 1;
  }
  // The comparison says something.
  EXPECT_GE(exhausted, 20);
  EXPECT_GE(compared, 10);
  EXPECT_GE(failed, 5);
  EXPECT_GE(different, 5);
}

INSTANTIATE_TEST_SUITE_P(Compilers, RandomPrograms,
                         testing::Values("clang", "gcc"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace racelab::model
