#include "print_queue.h"

namespace office {

int PrintQueue::Submit(const std::vector<int>& pages) {
  const int job = ++jobs_;
  workers_.emplace_back([this, job, pages] {
    for (int page : pages) printer_.Print(job, page);
  });
  return job;
}

}  // namespace office
