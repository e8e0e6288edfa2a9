#include "noticeboard.h"

namespace harbour {

void Noticeboard::Post(const Report& report) {
  report_ = report;
  posted_.store(true, std::memory_order_release);
}

std::optional<Report> Noticeboard::Look() const {
  if (!posted_.load(std::memory_order_relaxed)) return std::nullopt;
  return report_;
}

}  // namespace harbour
