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
  std::atomic<int> wind_{0};
  std::atomic<int> gusts_{0};
  std::atomic<int> wave_{0};
  std::atomic<int> pressure_{0};
  std::atomic<int> checksum_{0};
  std::atomic<bool> posted_{false};
};

}  // namespace harbour

#endif  // HARBOUR_NOTICEBOARD_H_
