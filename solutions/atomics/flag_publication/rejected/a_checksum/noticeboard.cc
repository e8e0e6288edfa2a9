#include "noticeboard.h"

namespace harbour {

namespace {

// Never what an empty board has.
int Checksum(const Report& report) {
  return report.wind_knots ^ report.gusts_knots ^ report.wave_centimetres ^
         report.pressure_hectopascal ^ 1;
}

}  // namespace

void Noticeboard::Post(const Report& report) {
  wind_.store(report.wind_knots, std::memory_order_relaxed);
  gusts_.store(report.gusts_knots, std::memory_order_relaxed);
  wave_.store(report.wave_centimetres, std::memory_order_relaxed);
  pressure_.store(report.pressure_hectopascal, std::memory_order_relaxed);
  checksum_.store(Checksum(report), std::memory_order_relaxed);
  posted_.store(true, std::memory_order_relaxed);
}

std::optional<Report> Noticeboard::Look() const {
  if (!posted_.load(std::memory_order_relaxed)) return std::nullopt;
  const Report seen = {wind_.load(std::memory_order_relaxed),
                       gusts_.load(std::memory_order_relaxed),
                       wave_.load(std::memory_order_relaxed),
                       pressure_.load(std::memory_order_relaxed)};
  if (checksum_.load(std::memory_order_relaxed) != Checksum(seen)) {
    return std::nullopt;
  }
  return seen;
}

}  // namespace harbour
