#include "noticeboard.h"

namespace harbour {

void Noticeboard::Post(const Report& report) {
  report_ = report;
  posted_ = true;
}

std::optional<Report> Noticeboard::Look() const {
  if (!posted_) return std::nullopt;
  return report_;
}

}  // namespace harbour
