#include "verdict/verdict.h"

#include <gtest/gtest.h>

namespace racelab::verdict {
namespace {

template <typename T, typename F>
void ExpectNamesLeadBack(int count, F from_name) {
  for (int i = 0; i < count; ++i) {
    const auto value = static_cast<T>(i);
    EXPECT_NE(Name(value), "unknown") << i;
    EXPECT_EQ(from_name(Name(value)), value) << Name(value);
  }
  EXPECT_EQ(from_name("no-such-name"), std::nullopt);
  EXPECT_EQ(from_name(""), std::nullopt);
}

TEST(Names, LeadBackToTheirValues) {
  ExpectNamesLeadBack<Engine>(5, EngineFromName);
  ExpectNamesLeadBack<Outcome>(4, OutcomeFromName);
  ExpectNamesLeadBack<FailureKind>(12, FailureKindFromName);
  ExpectNamesLeadBack<Evidence::Strength>(5, StrengthFromName);
}

TEST(Names, AreTheOnesThatManifestsUse) {
  EXPECT_EQ(Name(Engine::kModel), "model");
  EXPECT_EQ(Name(Outcome::kHarnessError), "harness-error");
  EXPECT_EQ(Name(FailureKind::kUseAfterFree), "use-after-free");
  EXPECT_EQ(Name(Evidence::Strength::kExhausted), "exhausted");
}

}  // namespace
}  // namespace racelab::verdict
