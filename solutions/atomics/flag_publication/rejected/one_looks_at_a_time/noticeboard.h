#ifndef HARBOUR_NOTICEBOARD_H_
#define HARBOUR_NOTICEBOARD_H_

#include <atomic>
#include <optional>

namespace harbour {

struct Report {
  int wind_knots = 0;
  int gusts_knots = 0;
  int wave_centimetres = 0;
  int pressure_hectopascal = 0;
};

class Noticeboard {
 public:
  // Pins up the report.
  void Post(const Report& report);

  // The report, or nothing if it has not been posted yet.
  std::optional<Report> Look() const;

 private:
  Report report_;
  bool posted_ = false;
  mutable std::atomic_flag busy_;  // guards both
};

}  // namespace harbour

#endif  // HARBOUR_NOTICEBOARD_H_
