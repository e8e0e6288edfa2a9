// The report that a person reads: the matrix, then the story, the interleaving
// as a table (a thread a column, a step a row), the command that replays it and
// the next step.

#ifndef RACELAB_REPORT_TERMINAL_H_
#define RACELAB_REPORT_TERMINAL_H_

#include <string>

#include "report/model.h"
#include "verdict/verdict.h"

namespace racelab::report {

struct TerminalOptions {
  int width = 80;  // columns; at least 40 are assumed
  bool color = false;
  bool unicode = true;  // false: plain ASCII marks and boxes
  // How many failing tests are explained at length; the others are named.
  int explain = 1;
};

// What suits the file descriptor `fd` (a terminal or a pipe) and the
// environment: COLUMNS or the window's size, LC_ALL/LC_CTYPE/LANG for unicode,
// color on a terminal unless NO_COLOR is set or TERM is "dumb".
TerminalOptions TerminalOptionsFor(int fd);

// The whole report, ending in a newline.
std::string Terminal(const RunReport& run, const TerminalOptions& options);

// One finding at length: the story, the accesses or blocked threads, the table.
// `lab` gives source lines. What `racelab replay` prints.
std::string TerminalFinding(const verdict::Finding& finding,
                            const LabReport& lab,
                            const TerminalOptions& options);

}  // namespace racelab::report

#endif  // RACELAB_REPORT_TERMINAL_H_
