// The text form of a decision stream: the `replay` string of a runner's
// records, and the payload of a replay token.
//
//     d1;T2:0*5.110R3:2T3:1
//
// is version 1; then groups, each a kind's letter, the number of alternatives
// in decimal, a colon, and the choices: one character 0-9a-z for 0 to 35,
// "(n)" above, "*n." after a choice for n of them in a row. Decisions with one
// alternative only are no decisions and are not written.
//
// Letters: T thread, R reads-from, P placement, O timeout, S spurious wake-up,
// F weak compare-exchange that fails, N notified waiter, A freed address that
// is given out again, X other.
//
// Parsing takes hostile input: sizes are bounded, every error names the
// position.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_DECISION_STREAM_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_DECISION_STREAM_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {

// The most decisions that a text may describe.
inline constexpr size_t kMaxDecisions = size_t{1} << 20;

std::string FormatDecisions(const DecisionStream& stream);

// kInvalidArgument with "at character N: …" if `text` is no such stream.
absl::StatusOr<DecisionStream> ParseDecisions(std::string_view text);

// For messages: "which thread runs next", "which store a load reads", …
const char* DescribeKind(DecisionKind kind);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_DECISION_STREAM_H_
