#include "till.h"

std::vector<int64_t> RunningTotals(const std::vector<int32_t>& amounts) {
  std::vector<int64_t> totals;
  int64_t total = 0;
  for (const int32_t amount : amounts) totals.push_back(total += amount);
  return totals;
}
