#include "print_queue.h"

#include <span>

namespace office {

PrintQueue::~PrintQueue() {
  for (std::thread& worker : workers_) worker.join();
}

int PrintQueue::Submit(const std::vector<int>& pages) {
  const int job = static_cast<int>(workers_.size()) + 1;
  const std::span<const int> copy(pages);
  workers_.emplace_back([this, job, copy] {
    for (int page : copy) printer_.Print(job, page);
  });
  return job;
}

}  // namespace office
