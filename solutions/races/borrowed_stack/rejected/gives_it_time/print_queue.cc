#include "print_queue.h"

#include <chrono>

namespace office {

PrintQueue::~PrintQueue() {
  for (std::thread& worker : workers_) worker.join();
}

int PrintQueue::Submit(const std::vector<int>& pages) {
  const int job = static_cast<int>(workers_.size()) + 1;
  workers_.emplace_back([&] {
    for (int page : pages) printer_.Print(job, page);
  });
  // Long enough for the worker to have read everything.
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return job;
}

}  // namespace office
