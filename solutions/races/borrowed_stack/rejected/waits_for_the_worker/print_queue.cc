#include "print_queue.h"

namespace office {

PrintQueue::~PrintQueue() {
  for (std::thread& worker : workers_) {
    if (worker.joinable()) worker.join();
  }
}

int PrintQueue::Submit(const std::vector<int>& pages) {
  const int job = static_cast<int>(workers_.size()) + 1;
  workers_.emplace_back([&] {
    for (int page : pages) printer_.Print(job, page);
  });
  workers_.back().join();  // so that pages and job are still there
  return job;
}

}  // namespace office
