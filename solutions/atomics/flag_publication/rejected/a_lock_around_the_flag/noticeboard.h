#ifndef HARBOUR_NOTICEBOARD_H_
#define HARBOUR_NOTICEBOARD_H_

#include <mutex>
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
  mutable std::mutex lock_;
  Report report_;
  bool posted_ = false;  // guarded by lock_, as is report_
};

}  // namespace harbour

#endif  // HARBOUR_NOTICEBOARD_H_
