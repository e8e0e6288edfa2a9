#include "print_queue.h"

namespace office {

PrintQueue::~PrintQueue() {
  for (std::future<void>& job : jobs_) job.get();
}

int PrintQueue::Submit(const std::vector<int>& pages) {
  const int job = static_cast<int>(jobs_.size()) + 1;
  jobs_.push_back(std::async(std::launch::deferred, [this, job, pages] {
    for (int page : pages) printer_.Print(job, page);
  }));
  return job;
}

}  // namespace office
