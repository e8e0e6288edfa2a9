#include "print_queue.h"

namespace office {

PrintQueue::~PrintQueue() = default;

int PrintQueue::Submit(const std::vector<int>& pages) {
  const int job = static_cast<int>(workers_.size()) + 1;
  workers_.emplace_back([this, job, pages] {
    for (int page : pages) printer_.Print(job, page);
  });
  workers_.back().detach();
  return job;
}

}  // namespace office
