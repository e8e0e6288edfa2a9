#include "print_queue.h"

namespace office {

PrintQueue::~PrintQueue() {
  for (std::thread& worker : workers_) worker.join();
}

int PrintQueue::Submit(const std::vector<int>& pages) {
  const int job = static_cast<int>(workers_.size()) + 1;
  // The worker gets copies of its own. Only the printer is borrowed, and that
  // outlives us, as we outlive our workers.
  pages_.push_back(pages);
  workers_.emplace_back([this, job, &mine = pages_.back()] {
    for (int page : mine) printer_.Print(job, page);
  });
  return job;
}

}  // namespace office
