#include <cstdint>
#include <vector>

#include "labkit/process.h"
#include "till.h"

namespace {

void ExpectTotals(int count) {
  std::vector<int32_t> amounts;
  std::vector<int64_t> totals;
  int64_t total = 0;
  for (int i = 0; i < count; ++i) {
    amounts.push_back(i % 7 - 2);
    total += amounts.back();
    totals.push_back(total);
  }
  const std::vector<int64_t> got = RunningTotals(amounts);
  ASSERT_EQ(got.size(), totals.size()) << "a total for each amount";
  EXPECT_TRUE(got == totals) << "the totals are not right";
}

TEST(Till, AddsUpAFewAmounts) {
  ExpectTotals(3);
  ExpectTotals(0);
}

// 160,000 bytes of amounts and 320,000 bytes of totals.
TEST(Till, AddsUpMoreThanAPipeHolds) { ExpectTotals(40'000); }

TEST(Till, SurvivesShortAndInterruptedTransfers) {
  labkit::ShortIo trouble(/*max_bytes=*/3, /*interrupt_every=*/5);
  ExpectTotals(200);
}

}  // namespace
