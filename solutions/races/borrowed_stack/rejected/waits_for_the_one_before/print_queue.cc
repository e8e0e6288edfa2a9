#include "print_queue.h"

namespace office {

PrintQueue::~PrintQueue() {
  for (std::thread& worker : workers_) {
    if (worker.joinable()) worker.join();
  }
}

int PrintQueue::Submit(const std::vector<int>& pages) {
  if (!workers_.empty() && workers_.back().joinable()) workers_.back().join();
  const int job = static_cast<int>(workers_.size()) + 1;
  // The worker gets copies of its own. Only the printer is borrowed, and that
  // outlives us, as we outlive our workers.
  workers_.emplace_back([this, job, pages] {
    for (int page : pages) printer_.Print(job, page);
  });
  return job;
}

}  // namespace office
