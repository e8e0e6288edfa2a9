#include "print_queue.h"

namespace office {

PrintQueue::~PrintQueue() {
  StartTheLast();
  for (std::thread& worker : workers_) worker.join();
}

int PrintQueue::Submit(const std::vector<int>& pages) {
  StartTheLast();
  jobs_.push_back(pages);
  return static_cast<int>(jobs_.size());
}

void PrintQueue::StartTheLast() {
  if (jobs_.empty()) return;
  const int job = static_cast<int>(jobs_.size());
  const std::vector<int>* pages = &jobs_.back();
  workers_.emplace_back([this, job, pages] {
    for (int page : *pages) printer_.Print(job, page);
  });
}

}  // namespace office
