#include "noticeboard.h"

namespace harbour {

void Noticeboard::Post(const Report& report) {
  report_ = report;
  std::atomic_thread_fence(std::memory_order_release);
  posted_.store(true, std::memory_order_relaxed);
}

std::optional<Report> Noticeboard::Look() const {
  const bool posted = posted_.load(std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_acquire);
  return posted ? std::optional<Report>(report_) : std::nullopt;
}

}  // namespace harbour
