#include "noticeboard.h"

namespace harbour {

void Noticeboard::Post(const Report& report) {
  report_ = report;
  posted_.store(true, std::memory_order_relaxed);
}

std::optional<Report> Noticeboard::Look() const {
  if (!posted_.load(std::memory_order_acquire)) return std::nullopt;
  return report_;
}

}  // namespace harbour
