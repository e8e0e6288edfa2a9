#include "print_queue.h"

namespace office {

PrintQueue::~PrintQueue() {
  for (auto& w : workers_) w.join();
}

int PrintQueue::Submit(const std::vector<int>& pages) {
  const int job = static_cast<int>(workers_.size()) + 1;
  free_.acquire();  // the office has two printers
  workers_.emplace_back([this, job, pages] {
    for (int page : pages) printer_.Print(job, page);
    free_.release();
  });
  return job;
}

}  // namespace office
