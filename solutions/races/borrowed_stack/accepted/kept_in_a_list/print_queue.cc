#include "print_queue.h"

namespace office {

PrintQueue::~PrintQueue() {
  for (Job& job : jobs_) job.worker.join();
}

int PrintQueue::Submit(const std::vector<int>& pages) {
  const int number = static_cast<int>(jobs_.size()) + 1;
  jobs_.push_back({number, pages, {}});
  const Job& job = jobs_.back();
  jobs_.back().worker = std::thread([this, number, &pages = job.pages] {
    for (int page : pages) printer_.Print(number, page);
  });
  return number;
}

}  // namespace office
