#include "print_queue.h"

namespace office {

PrintQueue::~PrintQueue() {
  for (std::thread& worker : workers_) worker.join();
}

int PrintQueue::Submit(const std::vector<int>& pages) {
  const int job = static_cast<int>(workers_.size()) + 1;
  workers_.emplace_back([&, pages] {
    for (int page : pages) printer_.Print(job, page);
  });
  return job;
}

}  // namespace office
