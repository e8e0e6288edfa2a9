// The litmus suite: the store histories and the axioms against the files'
// expectations and against each other; and random programs.

#include "runtimes/model/memory/litmus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <ostream>
#include <string>
#include <vector>

#include "runtimes/model/memory/axiomatic.h"
#include "runtimes/model/memory/interpreter.h"
#include "runtimes/model/memory/litmus_random.h"
#include "runtimes/model/memory/store_histories.h"
#include "runtimes/model/search/full.h"

namespace racelab::model {

// How GoogleTest shows a parameter.
void PrintTo(const LitmusTest& test, std::ostream* stream) {
  *stream << test.file << ":" << test.line;
}

namespace {

using ::testing::HasSubstr;

constexpr char kSuite[] = "harness/runtimes/model/memory/litmus";

const std::vector<LitmusTest>& Suite() {
  static const auto* suite =
      new absl::StatusOr<std::vector<LitmusTest>>(ReadLitmusDirectory(kSuite));
  static const auto* none = new std::vector<LitmusTest>;
  return suite->ok() ? **suite : *none;
}

LitmusOutcomes ExploreNaively(const LitmusTest& test, MemoryModel& model) {
  NaiveSearch search;
  std::string error;
  LitmusOutcomes outcomes = Explore(test, model, search, nullptr, &error);
  EXPECT_EQ(error, "");
  return outcomes;
}

LitmusOutcomes ExploreReduced(const LitmusTest& test, MemoryModel& model,
                              uint64_t* executions = nullptr) {
  FullSearch search(&model);
  std::string error;
  LitmusOutcomes outcomes = Explore(test, model, search, executions, &error);
  EXPECT_EQ(error, "");
  return outcomes;
}

TEST(LitmusSuite, CoversTheFamilies) {
  const auto suite = ReadLitmusDirectory(kSuite);
  ASSERT_TRUE(suite.ok()) << suite.status();
  EXPECT_GE(suite->size(), 60u);
}

class LitmusCase : public ::testing::TestWithParam<LitmusTest> {};

TEST_P(LitmusCase, HoldsByTheAxioms) {
  const LitmusOutcomes outcomes = Enumerate(GetParam());
  EXPECT_EQ(Judge(GetParam(), outcomes), "") << ToString(GetParam(), outcomes);
}

TEST_P(LitmusCase, HoldsInStoreHistories) {
  StoreHistories model;
  const LitmusOutcomes outcomes = ExploreNaively(GetParam(), model);
  EXPECT_EQ(Judge(GetParam(), outcomes), "") << ToString(GetParam(), outcomes);
  EXPECT_EQ(ToString(GetParam(), outcomes),
            ToString(GetParam(), Enumerate(GetParam())));
}

TEST_P(LitmusCase, KeepsItsOutcomesUnderReduction) {
  StoreHistories model;
  EXPECT_EQ(ToString(GetParam(), ExploreReduced(GetParam(), model)),
            ToString(GetParam(), ExploreNaively(GetParam(), model)));
}

INSTANTIATE_TEST_SUITE_P(Suite, LitmusCase, ::testing::ValuesIn(Suite()),
                         [](const ::testing::TestParamInfo<LitmusTest>& info) {
                           std::string name = info.param.name;
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) ==
                                 0)
                               c = '_';
                           }
                           return name;
                         });

// What the model calls consistent is what [atomics.order] says; the paper's psc
// allows more in cases that are about that.
TEST(LitmusSuite, DefinitionsOfSeqCstDifferInTwoCasesOnly) {
  std::vector<std::string> rc11_is_weaker;
  for (const LitmusTest& test : Suite()) {
    const LitmusOutcomes outcomes = Enumerate(test);
    if (Enumerate(test, ScAxiom::kRc11) != outcomes) {
      rc11_is_weaker.push_back(test.name);
    }
    EXPECT_EQ(ToString(test, Enumerate(test, ScAxiom::kCxx20)),
              ToString(test, outcomes))
        << test.name;
  }
  EXPECT_THAT(rc11_is_weaker,
              ::testing::UnorderedElementsAre("SC+rlxstore_overwritten",
                                              "SC+same_object_release"));
}

struct RandomCase {
  const char* name;
  LitmusRandomOptions options;
  int programs;
};
void PrintTo(const RandomCase& random, std::ostream* stream) {
  *stream << random.name;
}

class RandomPrograms : public ::testing::TestWithParam<RandomCase> {};

TEST_P(RandomPrograms, HaveTheOutcomesThatTheAxiomsAllow) {
  StoreHistories model;
  for (int seed = 0; seed < GetParam().programs; ++seed) {
    const LitmusTest test =
        RandomLitmus(GetParam().options, static_cast<uint64_t>(seed));
    ASSERT_EQ(ToString(test, ExploreNaively(test, model)),
              ToString(test, Enumerate(test)))
        << ToString(test);
  }
}

TEST_P(RandomPrograms, KeepTheirOutcomesUnderReduction) {
  StoreHistories model;
  for (int seed = 0; seed < GetParam().programs; ++seed) {
    const LitmusTest test =
        RandomLitmus(GetParam().options, static_cast<uint64_t>(seed));
    ASSERT_EQ(ToString(test, ExploreReduced(test, model)),
              ToString(test, ExploreNaively(test, model)))
        << ToString(test);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Mixes, RandomPrograms,
    ::testing::Values(
        RandomCase{"TwoThreads", {.threads = 2, .operations = 6}, 300},
        RandomCase{"ThreeThreadsMostlySeqCst",
                   {.threads = 3, .operations = 6, .seq_cst = 70},
                   150},
        RandomCase{"FencesBetweenRelaxed",
                   {.threads = 3, .operations = 6, .fences = 35, .seq_cst = 50},
                   150},
        RandomCase{"RmwsAndStores",
                   {.threads = 2, .operations = 5, .locations = 1, .rmws = 50},
                   150},
        RandomCase{"PlainAccessesAndLocks",
                   {.threads = 2,
                    .operations = 5,
                    .plain = 30,
                    .sections = 30,
                    .seq_cst = 50},
                   200},
        RandomCase{"NothingButSeqCst",
                   {.threads = 3, .operations = 6, .seq_cst = 100},
                   100}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(StoreHistories, GivesSeqCstProgramsNothingButInterleavings) {
  StoreHistories model;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const LitmusTest test = RandomLitmus({.seq_cst = 100}, seed);
    // A strategy that would have to choose a store or a place fails.
    class OnlyThreads : public Strategy {
     public:
      explicit OnlyThreads(Strategy* inner) : inner_(inner) {}
      void BeginExecution() override { inner_->BeginExecution(); }
      ThreadId ChooseThread(const SchedulePoint& point) override {
        return inner_->ChooseThread(point);
      }
      unsigned Choose(DecisionKind, unsigned, ThreadId,
                      const PendingOp&) override {
        ADD_FAILURE() << "a decision beside the schedule";
        return 0;
      }
      void Executed(ThreadId thread, const PendingOp& op) override {
        inner_->Executed(thread, op);
      }
      bool EndExecution(ExecutionEnd end) override {
        return inner_->EndExecution(end);
      }
      std::string Name() const override { return "only threads"; }
      bool Exhausted() const override { return inner_->Exhausted(); }

     private:
      Strategy* inner_;
    };
    FullSearch full(&model);
    OnlyThreads search(&full);
    std::string error;
    Explore(test, model, search, nullptr, &error);
    ASSERT_FALSE(HasFailure()) << ToString(test);
  }
}

TEST(StoreHistories, ReductionLeavesOneExecutionPerGraph) {
  const auto tests = ParseLitmus(
      "litmus stores\nbecause three places\nthread\nstore x 1 rlx\n"
      "thread\nstore x 2 rlx\nallowed x=1\n"
      "litmus loads\nbecause loads do not see each other\nthread\n"
      "r0 = load x acq\nthread\nr1 = load x acq\nallowed r0=0\n"
      "litmus independent\nbecause of two objects\nthread\nstore x 1 sc\n"
      "thread\nstore y 1 sc\nallowed x=1\n"
      "litmus read\nbecause the load reads the old or the new value\nthread\n"
      "store x 1 rlx\nthread\nr0 = load x rlx\nallowed r0=1\n",
      "text");
  ASSERT_TRUE(tests.ok()) << tests.status();
  StoreHistories model;
  std::vector<uint64_t> counts;
  for (const LitmusTest& test : *tests) {
    counts.push_back(0);
    ExploreReduced(test, model, &counts.back());
  }
  EXPECT_THAT(counts, ::testing::ElementsAre(2, 1, 1, 2));
}

struct BadLitmus {
  const char* text;
  const char* message;
};

TEST(LitmusFormat, SaysWhatIsWrongAndWhere) {
  const BadLitmus cases[] = {
      {"thread\n", "file:1: expected 'litmus NAME'"},
      {"litmus a\nstore x 1 rlx\n", "file:2: expected 'thread'"},
      {"litmus a\nbecause b\nthread\nmove x 1\n", "file:4: unknown operation"},
      {"litmus a\nbecause b\nthread\nstore x 1\n", "file:4: expected an order"},
      {"litmus a\nbecause b\nthread\nstore x r9 rlx\n", "'r9' is no value"},
      {"litmus a\nbecause b\nthread\nload x rlx\n", "goes to no register"},
      {"litmus a\nbecause b\nthread\nr0 = store x 1 rlx\n", "has no result"},
      {"litmus a\nbecause b\nthread\nstore x 1 rlx acq\n", "'acq' is too much"},
      {"litmus a\nbecause b\nthread\nr0 = cas x y 1 rlx rlx\n", "compare with"},
      {"litmus a\nbecause b\nthread\nr0 = cas x 0 1 rlx\n", "on failure"},
      {"litmus a\nbecause b\nthread\nif r0==1: store x 1 rlx\n",
       "no register is called 'r0'"},
      {"litmus a\nbecause b\nthread\nif r0: store x 1 rlx\n", "expected 'if"},
      {"litmus a\nbecause b\nthread\nstore x 1 rlx\nallowed z=1\n",
       "file:5: no register or location is called 'z'"},
      {"litmus a\nbecause b\ninit x\n", "expected LOCATION=NUMBER"},
      {"litmus a\nthread\nstore x 1 rlx\nallowed x=1\n", "no 'because'"},
      {"litmus a\nbecause b\nallowed x=1\n", "no register or location"},
      {"litmus a\nbecause b\nrace\n", "the test has no thread"},
      {"litmus a\nbecause b\nthread\nstore x 1 rlx\n", "expects nothing"},
  };
  for (const BadLitmus& bad : cases) {
    const auto result = ParseLitmus(bad.text, "file");
    ASSERT_FALSE(result.ok()) << bad.text;
    EXPECT_THAT(std::string(result.status().message()), HasSubstr(bad.message))
        << bad.text;
  }
}

TEST(LitmusFormat, ReadsBackWhatItWrites) {
  for (const LitmusTest& test : Suite()) {
    const auto again =
        ParseLitmus(ToString(test) + "because it is\nrace\n", "text");
    ASSERT_TRUE(again.ok()) << again.status() << "\n" << ToString(test);
    ASSERT_EQ(again->size(), 1u);
    EXPECT_EQ(ToString(again->front()), ToString(test));
  }
}

TEST(LitmusFormat, JudgesOutcomes) {
  const auto tests = ParseLitmus(
      "litmus a\nbecause b\nthread\nr0 = load x rlx\nallowed r0=1\n"
      "forbidden r0=2\n",
      "file");
  ASSERT_TRUE(tests.ok());
  const LitmusTest& test = tests->front();
  EXPECT_EQ(Judge(test, {{false, {1}, {0}}}), "");
  EXPECT_THAT(Judge(test, {{false, {0}, {0}}}),
              HasSubstr("allowed but not seen: r0=1"));
  EXPECT_THAT(Judge(test, {{false, {1}, {0}}, {false, {2}, {0}}}),
              HasSubstr("forbidden but seen: r0=2"));
  EXPECT_THAT(Judge(test, {{false, {1}, {0}}, {true, {}, {}}}),
              HasSubstr("a race, but none is expected"));
}

}  // namespace
}  // namespace racelab::model
