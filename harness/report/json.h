// results.json: everything that a report holds, for programs. The schema beside
// this file, results.schema.json, is the contract; `schema` in the document
// names its version.

#ifndef RACELAB_REPORT_JSON_H_
#define RACELAB_REPORT_JSON_H_

#include <string>

#include "report/model.h"

namespace racelab::report {

// Indented JSON, ending in a newline. Text that is not UTF-8 is replaced, never
// an error.
std::string Json(const RunReport& run);

}  // namespace racelab::report

#endif  // RACELAB_REPORT_JSON_H_
