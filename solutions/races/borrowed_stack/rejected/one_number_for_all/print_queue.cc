#include "print_queue.h"

#include <atomic>

namespace office {
namespace {
std::atomic<int> jobs_today{0};
}

PrintQueue::~PrintQueue() {
  for (std::thread& worker : workers_) worker.join();
  jobs_today = 0;
}

int PrintQueue::Submit(const std::vector<int>& pages) {
  const int job = ++jobs_today;
  workers_.emplace_back([this, job, pages] {
    for (int page : pages) printer_.Print(job, page);
  });
  return job;
}

}  // namespace office
