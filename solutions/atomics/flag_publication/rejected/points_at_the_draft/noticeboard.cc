#include "noticeboard.h"

namespace harbour {

void Noticeboard::Post(const Report& report) {
  posted_.store(&report, std::memory_order_release);
}

std::optional<Report> Noticeboard::Look() const {
  const Report* const posted = posted_.load(std::memory_order_acquire);
  if (posted == nullptr) return std::nullopt;
  return *posted;
}

}  // namespace harbour
