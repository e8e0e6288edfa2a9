#include "work.h"

#include <mutex>

static std::mutex work_mutex;

// TODO
void Work(const std::function<void()>& job) {
  const std::lock_guard<std::mutex> lock(work_mutex);
  job();
}
