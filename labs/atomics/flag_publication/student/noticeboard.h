// The harbour's noticeboard: at six in the morning the weather station pins up
// its report, once, and the skippers look whether it is there.
//
// Contract
//   - Post() is called once, with whatever the instruments say. Look() may be
//     called by any number of threads at any time, before, during and after.
//   - A skipper sees nothing or the whole report, and once he has seen it, he
//     sees it whenever he looks again.
//   - Whoever looks after Post() has returned sees the report.
//   - Look() does not wait. A skipper who finds nothing has other things to do.
//
// The public functions stay as they are; the private part is yours. Atomics
// only: the station must not be held up by a crowd in front of the board, so
// there is no lock.

#ifndef HARBOUR_NOTICEBOARD_H_
#define HARBOUR_NOTICEBOARD_H_

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
};

}  // namespace harbour

#endif  // HARBOUR_NOTICEBOARD_H_
