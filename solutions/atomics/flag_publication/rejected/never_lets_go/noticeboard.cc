#include "noticeboard.h"

namespace harbour {

void Noticeboard::Post(const Report& report) {
  report_ = report;
  posted_.store(true, std::memory_order_release);
}

std::optional<Report> Noticeboard::Look() const {
  while (!posted_.load(std::memory_order_acquire)) {
    // It must come at any moment.
  }
  return report_;
}

}  // namespace harbour
