// GoogleTest's account of a failed expectation, several lines of it, as one
// sentence for a student: "value() should be 2, but is 1: an increment is
// lost".
//
// Thread safety: pure.

#ifndef RACELAB_RUNTIMES_COMMON_EXPECTATION_TEXT_H_
#define RACELAB_RUNTIMES_COMMON_EXPECTATION_TEXT_H_

#include <string>
#include <string_view>

namespace racelab::runtimes {

// `message` as TestPartResult::message() has it. EXPECT_EQ, the comparisons,
// EXPECT_TRUE and EXPECT_FALSE are understood; of anything else the lines are
// put into one. What the test itself says ("<< …") stands behind a colon.
std::string ExpectationSentence(std::string_view message);

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_EXPECTATION_TEXT_H_
