#include "print_queue.h"

#include <utility>

namespace office {

PrintQueue::~PrintQueue() {
  {
    const std::lock_guard<std::mutex> guard(lock_);
    closing_ = true;
  }
  changed_.notify_one();
  worker_.join();
}

int PrintQueue::Submit(const std::vector<int>& pages) {
  const int number = ++submitted_;
  {
    const std::lock_guard<std::mutex> guard(lock_);
    waiting_.push_back({number, pages});
  }
  // No thread before there is something to do.
  if (number == 1) worker_ = std::thread([this] { Work(); });
  changed_.notify_one();
  return number;
}

void PrintQueue::Work() {
  std::unique_lock<std::mutex> guard(lock_);
  while (true) {
    changed_.wait(guard, [this] { return closing_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Job job = std::move(waiting_.front());
    waiting_.pop_front();
    guard.unlock();
    for (int page : job.pages) printer_.Print(job.number, page);
    guard.lock();
  }
}

}  // namespace office
