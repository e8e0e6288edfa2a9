#include "noticeboard.h"

namespace harbour {

void Noticeboard::Post(const Report& report) {
  report_ = report;
  // What stands before the fence is published by what is stored after it.
  std::atomic_thread_fence(std::memory_order_release);
  posted_.store(true, std::memory_order_relaxed);
}

std::optional<Report> Noticeboard::Look() const {
  if (!posted_.load(std::memory_order_relaxed)) return std::nullopt;
  std::atomic_thread_fence(std::memory_order_acquire);
  return report_;
}

}  // namespace harbour
