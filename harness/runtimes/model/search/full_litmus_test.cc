// Reduction against unreduced search on the memory model's litmus tests, the
// written ones and random ones: the same outcomes, never more executions.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "runtimes/model/memory/interpreter.h"
#include "runtimes/model/memory/litmus.h"
#include "runtimes/model/memory/litmus_random.h"
#include "runtimes/model/memory/store_histories.h"
#include "runtimes/model/search/full.h"

namespace racelab::model {
namespace {

struct Explored {
  LitmusOutcomes outcomes;
  uint64_t executions = 0;
  std::string error;
};

Explored Search(const LitmusTest& test, bool reduce) {
  StoreHistories memory;
  FullSearch search(reduce ? &memory : nullptr);
  Explored explored;
  explored.outcomes =
      Explore(test, memory, search, &explored.executions, &explored.error);
  return explored;
}

void ExpectReductionKeepsOutcomes(const LitmusTest& test, uint64_t* plain_total,
                                  uint64_t* reduced_total) {
  const Explored plain = Search(test, false);
  const Explored reduced = Search(test, true);
  ASSERT_EQ(plain.error, "") << ToString(test);
  ASSERT_EQ(reduced.error, "") << ToString(test);
  ASSERT_EQ(ToString(test, reduced.outcomes), ToString(test, plain.outcomes))
      << ToString(test);
  ASSERT_LE(reduced.executions, plain.executions);
  *plain_total += plain.executions;
  *reduced_total += reduced.executions;
}

TEST(FullSearchOnLitmusTests, KeepsEveryOutcomeOfTheSuite) {
  const auto tests =
      ReadLitmusDirectory("harness/runtimes/model/memory/litmus");
  ASSERT_TRUE(tests.ok()) << tests.status();
  uint64_t plain = 0;
  uint64_t reduced = 0;
  for (const LitmusTest& test : *tests) {
    ExpectReductionKeepsOutcomes(test, &plain, &reduced);
    if (HasFatalFailure()) return;
  }
  EXPECT_LT(reduced, plain);
  RecordProperty("plain", std::to_string(plain));
  RecordProperty("reduced", std::to_string(reduced));
}

TEST(FullSearchOnLitmusTests, KeepsEveryOutcomeOfRandomTests) {
  LitmusRandomOptions kinds[4];
  kinds[0].operations = 6;
  kinds[1].operations = 6;
  kinds[1].seq_cst = 90;
  kinds[1].fences = 40;
  kinds[2].threads = 2;
  kinds[2].rmws = 50;
  kinds[3].operations = 5;
  kinds[3].plain = 20;
  kinds[3].sections = 30;
  uint64_t plain = 0;
  uint64_t reduced = 0;
  for (const LitmusRandomOptions& options : kinds) {
    for (uint64_t seed = 0; seed < 100; ++seed) {
      ExpectReductionKeepsOutcomes(RandomLitmus(options, seed), &plain,
                                   &reduced);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_LT(reduced * 3, plain);
}

}  // namespace
}  // namespace racelab::model
