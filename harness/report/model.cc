#include "report/model.h"

#include <algorithm>
#include <vector>

namespace racelab::report {

std::vector<verdict::Engine> EnginesOf(const LabReport& lab) {
  std::vector<verdict::Engine> engines;
  for (const TestReport& test : lab.tests) {
    for (const verdict::TestResult& result : test.results) {
      engines.push_back(result.engine);
    }
  }
  std::sort(engines.begin(), engines.end());
  engines.erase(std::unique(engines.begin(), engines.end()), engines.end());
  return engines;
}

}  // namespace racelab::report
