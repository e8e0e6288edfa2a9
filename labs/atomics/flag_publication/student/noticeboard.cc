#include "noticeboard.h"

namespace harbour {

// TODO: the report is written before the flag is set. Does everybody see it so?

void Noticeboard::Post(const Report& report) {
  report_ = report;
  posted_ = true;
}

std::optional<Report> Noticeboard::Look() const {
  if (!posted_) return std::nullopt;
  return report_;
}

}  // namespace harbour
