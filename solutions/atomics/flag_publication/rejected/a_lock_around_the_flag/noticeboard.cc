#include "noticeboard.h"

namespace harbour {

void Noticeboard::Post(const Report& report) {
  std::lock_guard<std::mutex> guard(lock_);
  report_ = report;
  posted_ = true;
}

std::optional<Report> Noticeboard::Look() const {
  std::lock_guard<std::mutex> guard(lock_);
  if (!posted_) return std::nullopt;
  return report_;
}

}  // namespace harbour
