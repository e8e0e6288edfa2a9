#include "print_queue.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace office {

namespace {

// A detached worker may use these: they outlive every queue.
std::mutex lock;
std::condition_variable all_done;
int open_jobs = 0;  // guarded by lock

}  // namespace

PrintQueue::~PrintQueue() {
  std::unique_lock<std::mutex> guard(lock);
  all_done.wait(guard, [] { return open_jobs == 0; });
}

int PrintQueue::Submit(const std::vector<int>& pages) {
  const int job = ++submitted_;
  {
    const std::lock_guard<std::mutex> guard(lock);
    ++open_jobs;
  }
  std::thread([&printer = printer_, job, pages] {
    for (int page : pages) printer.Print(job, page);
    const std::lock_guard<std::mutex> guard(lock);
    --open_jobs;
    all_done.notify_all();
  }).detach();
  return job;
}

}  // namespace office
