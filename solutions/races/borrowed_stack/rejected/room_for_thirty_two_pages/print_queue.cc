#include "print_queue.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace office {

PrintQueue::~PrintQueue() {
  for (std::thread& worker : workers_) worker.join();
}

int PrintQueue::Submit(const std::vector<int>& pages) {
  const int job = static_cast<int>(workers_.size()) + 1;
  // An array is copied as a whole, nothing in it points elsewhere.
  std::array<int, 32> copy{};
  const std::size_t count = std::min(pages.size(), copy.size());
  std::copy_n(pages.begin(), count, copy.begin());
  workers_.emplace_back([this, job, copy, count] {
    for (std::size_t i = 0; i < count; ++i) printer_.Print(job, copy[i]);
  });
  return job;
}

}  // namespace office
