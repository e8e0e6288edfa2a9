#include "print_queue.h"

namespace office {

PrintQueue::~PrintQueue() {
  for (std::thread& worker : workers_) worker.join();
}

int PrintQueue::Submit(const std::vector<int>& pages) {
  const int job = static_cast<int>(workers_.size()) + 1;
  // std::thread copies its arguments and keeps the copies for the worker.
  workers_.emplace_back(&PrintQueue::Work, this, job, pages);
  return job;
}

void PrintQueue::Work(int job, const std::vector<int>& pages) {
  for (int page : pages) printer_.Print(job, page);
}

}  // namespace office
