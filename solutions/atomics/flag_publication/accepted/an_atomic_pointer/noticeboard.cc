#include "noticeboard.h"

namespace harbour {

void Noticeboard::Post(const Report& report) {
  report_ = report;
  posted_.store(&report_, std::memory_order_release);  // publishes *posted_
}

std::optional<Report> Noticeboard::Look() const {
  const Report* const posted = posted_.load(std::memory_order_acquire);
  if (posted == nullptr) return std::nullopt;
  return *posted;
}

}  // namespace harbour
