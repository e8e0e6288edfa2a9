#include "runtimes/model/search/decision_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "runtimes/model/search/rng.h"

namespace racelab::model {
namespace {

using ::testing::HasSubstr;

Decision D(DecisionKind kind, int alternatives, int chosen) {
  return {kind, static_cast<uint8_t>(alternatives),
          static_cast<uint8_t>(chosen)};
}

TEST(DecisionStream, HasTheDocumentedForm) {
  DecisionStream stream(5, D(DecisionKind::kThread, 2, 0));
  stream.push_back(D(DecisionKind::kThread, 2, 1));
  stream.push_back(D(DecisionKind::kThread, 2, 1));
  stream.push_back(D(DecisionKind::kThread, 2, 0));
  stream.push_back(D(DecisionKind::kReadsFrom, 3, 2));
  stream.push_back(D(DecisionKind::kThread, 3, 1));
  EXPECT_EQ(FormatDecisions(stream), "d1;T2:0*5.110R3:2T3:1");
  EXPECT_EQ(FormatDecisions({}), "d1;");
  EXPECT_EQ(*ParseDecisions("d1;T2:0*5.110R3:2T3:1"), stream);
  EXPECT_TRUE(ParseDecisions("d1;")->empty());
}

TEST(DecisionStream, SurvivesARoundTripWhateverItHolds) {
  Rng rng;
  for (uint64_t round = 0; round < 500; ++round) {
    rng.Seed(7, round);
    DecisionStream stream;
    const uint32_t size = rng.Below(60);
    while (stream.size() < size) {
      const auto kind = static_cast<DecisionKind>(rng.Below(8));
      const bool thread = kind == DecisionKind::kThread;
      const uint32_t n = 2 + rng.Below(thread ? 31 : 254);
      const Decision decision =
          D(kind, static_cast<int>(n), static_cast<int>(rng.Below(n)));
      stream.insert(stream.end(), 1 + rng.Below(5), decision);
    }
    const std::string text = FormatDecisions(stream);
    auto parsed = ParseDecisions(text);
    ASSERT_TRUE(parsed.ok()) << text << ": " << parsed.status();
    ASSERT_EQ(*parsed, stream) << text;
  }
}

TEST(DecisionStream, LeavesOutWhatWasNoChoice) {
  EXPECT_EQ(FormatDecisions({D(DecisionKind::kThread, 1, 0),
                             D(DecisionKind::kThread, 2, 1)}),
            "d1;T2:1");
}

TEST(DecisionStream, RefusesHostileTextWithThePosition) {
  const struct {
    const char* text;
    const char* error;
  } kCases[] = {
      {"", "character 1: a decision stream starts with"},
      {"d2;", "character 1"},
      {"T2:0", "character 1"},
      {"d1;0", "character 4: expected one of the letters"},
      {"d1;Q2:0", "character 4: expected one of the letters"},
      {"d1;T", "character 5: expected the number of alternatives"},
      {"d1;T:0", "character 5: expected the number of alternatives"},
      {"d1;T1:0", "expected the number of alternatives"},
      {"d1;T02:0", "expected the number of alternatives"},
      {"d1;T256:0", "expected the number of alternatives"},
      {"d1;T99999999999999999999:0", "expected the number of alternatives"},
      {"d1;T2", "character 6: expected a colon"},
      {"d1;T2:", "character 7: expected a choice"},
      {"d1;T2:R2:0", "character 7: expected a choice"},
      {"d1;R2:2", "a choice out of range"},
      {"d1;R2:-1", "expected a choice"},
      {"d1;R2:\xff", "expected a choice"},
      {"d1;T2:w", "a choice out of range"},  // thread 32
      {"d1;R250:(35)", "expected a number from 36"},
      {"d1;R250:(036)", "expected a number from 36"},
      {"d1;R250:(250)", "a choice out of range"},
      {"d1;R250:(40", "expected a number from 36"},
      {"d1;T2:0*1.", "expected a count from 2"},
      {"d1;T2:0*5", "expected a count from 2 and a full stop"},
      {"d1;T2:0*9999999999.", "expected a count from 2"},
      {"d1;T2:0*1048576.0", "too many decisions"},
  };
  for (const auto& c : kCases) {
    const auto parsed = ParseDecisions(c.text);
    ASSERT_FALSE(parsed.ok()) << c.text;
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(c.error))
        << c.text;
  }
  EXPECT_FALSE(ParseDecisions(std::string("d1;T2:0\0T2:0", 12)).ok());
}

TEST(DecisionStream, SurvivesRandomText) {
  Rng rng;
  const std::string alphabet = "d1;TRPOSFNX0123456789abz:*().";
  for (uint64_t round = 0; round < 20000; ++round) {
    rng.Seed(3, round);
    std::string text = "d1;";
    for (uint32_t left = rng.Below(24); left > 0; --left) {
      text += alphabet[rng.Below(static_cast<uint32_t>(alphabet.size()))];
    }
    const auto parsed = ParseDecisions(text);
    if (!parsed.ok()) continue;
    // What was accepted has one canonical form that means the same.
    const auto again = ParseDecisions(FormatDecisions(*parsed));
    ASSERT_TRUE(again.ok()) << text;
    ASSERT_EQ(*again, *parsed) << text;
  }
}

}  // namespace
}  // namespace racelab::model
