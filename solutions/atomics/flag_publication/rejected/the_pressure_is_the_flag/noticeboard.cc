#include "noticeboard.h"

namespace harbour {

void Noticeboard::Post(const Report& report) {
  wind_.store(report.wind_knots, std::memory_order_relaxed);
  gusts_.store(report.gusts_knots, std::memory_order_relaxed);
  waves_.store(report.wave_centimetres, std::memory_order_relaxed);
  pressure_.store(report.pressure_hectopascal, std::memory_order_release);
}

std::optional<Report> Noticeboard::Look() const {
  const int pressure = pressure_.load(std::memory_order_acquire);
  if (pressure == 0) return std::nullopt;  // not yet
  return Report{wind_.load(std::memory_order_relaxed),
                gusts_.load(std::memory_order_relaxed),
                waves_.load(std::memory_order_relaxed), pressure};
}

}  // namespace harbour
