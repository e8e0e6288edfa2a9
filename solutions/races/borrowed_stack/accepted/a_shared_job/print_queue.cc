#include "print_queue.h"

#include <memory>

namespace office {

PrintQueue::~PrintQueue() {
  for (std::thread& worker : workers_) worker.join();
}

int PrintQueue::Submit(const std::vector<int>& pages) {
  const int job = static_cast<int>(workers_.size()) + 1;
  // On the heap, and there as long as anybody holds a pointer to it.
  const auto copy = std::make_shared<const std::vector<int>>(pages);
  workers_.emplace_back([this, job, copy] {
    for (int page : *copy) printer_.Print(job, page);
  });
  return job;
}

}  // namespace office
