#include "noticeboard.h"

namespace harbour {

void Noticeboard::Post(const Report& report) {
  report_ = report;
  posted_.test_and_set(std::memory_order_release);  // publishes report_
}

std::optional<Report> Noticeboard::Look() const {
  if (!posted_.test(std::memory_order_acquire)) return std::nullopt;
  return report_;
}

}  // namespace harbour
