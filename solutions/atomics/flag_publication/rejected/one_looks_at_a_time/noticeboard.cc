#include "noticeboard.h"

namespace harbour {

void Noticeboard::Post(const Report& report) {
  while (busy_.test_and_set(std::memory_order_acquire)) {
  }
  report_ = report;
  posted_ = true;
  busy_.clear(std::memory_order_release);
}

std::optional<Report> Noticeboard::Look() const {
  // Somebody is at the board, and we do not wait.
  if (busy_.test_and_set(std::memory_order_acquire)) return std::nullopt;
  std::optional<Report> seen;
  if (posted_) seen = report_;
  busy_.clear(std::memory_order_release);
  return seen;
}

}  // namespace harbour
