// An interleaving as a table: a thread a column, a step a row.

#ifndef RACELAB_REPORT_TRACE_TABLE_H_
#define RACELAB_REPORT_TRACE_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "report/text.h"
#include "verdict/verdict.h"

namespace racelab::report {

// Lines of at most `width` columns. Where a column per thread does not fit, a
// line per step names the thread.
std::vector<std::string> TraceTable(const verdict::Trace& trace, size_t width,
                                    const Style& style);

}  // namespace racelab::report

#endif  // RACELAB_REPORT_TRACE_TABLE_H_
