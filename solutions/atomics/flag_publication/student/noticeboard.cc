#include "noticeboard.h"

namespace harbour {

void Noticeboard::Post(const Report& report) {
  report_ = report;
  // Publishes report_ to every skipper whose load reads this `true`.
  posted_.store(true, std::memory_order_release);
}

std::optional<Report> Noticeboard::Look() const {
  // Reading `true` acquires what Post() wrote before it.
  if (!posted_.load(std::memory_order_acquire)) return std::nullopt;
  return report_;
}

}  // namespace harbour
