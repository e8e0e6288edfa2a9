#include "runtimes/tsan/globals.h"

#include <gtest/gtest.h>
#include <string.h>

#include <algorithm>
#include <cstdint>

// libtsan's: the beginning of the block of the heap that holds the address, or
// null. Its public header is not there with every compiler.
extern "C" const void* __sanitizer_get_allocated_begin(const void* pointer);

namespace racelab::tsan {
namespace {

// The TestInfo of each TEST, to which a static member of its class points.
std::vector<uintptr_t> GoogleTests() {
  std::vector<uintptr_t> records;
  const testing::UnitTest& unit = *testing::UnitTest::GetInstance();
  for (int s = 0; s < unit.total_test_suite_count(); ++s) {
    const testing::TestSuite& suite = *unit.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      records.push_back(reinterpret_cast<uintptr_t>(suite.GetTestInfo(t)));
    }
  }
  std::ranges::sort(records);
  return records;
}

}  // namespace

Globals::Globals(const runtimes::LoadedModule& module) {
  const std::vector<uintptr_t> google_tests = GoogleTests();
  for (const runtimes::MemoryRange& range : module.writable()) {
    const char* begin = reinterpret_cast<const char*>(range.begin);
    saved_.push_back({reinterpret_cast<void*>(range.begin),
                      std::vector<char>(begin, begin + range.size())});
    const std::vector<char>& bytes = saved_.back().bytes;
    const size_t first = -range.begin % sizeof(uintptr_t);
    for (size_t i = first; i + sizeof(uintptr_t) <= bytes.size();
         i += sizeof(uintptr_t)) {
      uintptr_t word;
      memcpy(&word, bytes.data() + i, sizeof word);
      if (word != 0 &&
          __sanitizer_get_allocated_begin(
              reinterpret_cast<const void*>(word)) != nullptr &&
          !std::ranges::binary_search(google_tests, word)) {
        whole_ = false;
      }
    }
  }
}

void Globals::Restore() const {
  for (const Saved& saved : saved_) {
    memcpy(saved.at, saved.bytes.data(), saved.bytes.size());
  }
}

}  // namespace racelab::tsan
