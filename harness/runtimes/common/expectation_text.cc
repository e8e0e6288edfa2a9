#include "runtimes/common/expectation_text.h"

#include <cstddef>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace racelab::runtimes {
namespace {

using Lines = std::vector<absl::string_view>;

// "(a) < (b)" → "a < b"; an expression with parentheses of its own keeps them.
std::string Bare(absl::string_view side) {
  absl::string_view inner = side;
  if (absl::ConsumePrefix(&inner, "(") && absl::ConsumeSuffix(&inner, ")") &&
      inner.find_first_of("()<>=") == inner.npos) {
    return std::string(inner);
  }
  return std::string(side);
}

// Lines `from` on, as the end of a sentence.
std::string Remark(const Lines& lines, size_t from) {
  std::vector<absl::string_view> rest;
  for (size_t i = from; i < lines.size(); ++i) {
    const absl::string_view line = absl::StripAsciiWhitespace(lines[i]);
    if (!line.empty()) rest.push_back(line);
  }
  return rest.empty() ? "" : absl::StrCat(": ", absl::StrJoin(rest, " "));
}

// "Expected equality of these values:", the two, each with what it is where
// that is no literal.
std::string Equality(const Lines& lines) {
  struct Side {
    absl::string_view text;
    absl::string_view value;
  };
  std::vector<Side> sides;
  size_t at = 1;
  for (; at < lines.size(); ++at) {
    absl::string_view line = lines[at];
    if (!sides.empty() && absl::ConsumePrefix(&line, "    Which is: ")) {
      sides.back().value = line;
    } else if (sides.size() < 2 && absl::ConsumePrefix(&line, "  ")) {
      sides.push_back({line, ""});
    } else {
      break;
    }
  }
  if (sides.size() != 2) return "";
  // The one that was computed is what the test is about.
  if (sides[0].value.empty()) std::swap(sides[0], sides[1]);
  if (sides[0].value.empty()) return "";
  return absl::StrCat(
      sides[0].text, " should be ", sides[1].text,
      sides[1].value.empty() ? "" : absl::StrCat(", which is ", sides[1].value),
      ", but is ", sides[0].value, Remark(lines, at));
}

// "Value of: ready" / "  Actual: false" / "Expected: true".
std::string Truth(const Lines& lines) {
  if (lines.size() < 3) return "";
  absl::string_view what = lines[0];
  absl::string_view actual = lines[1];
  absl::string_view expected = lines[2];
  if (!absl::ConsumePrefix(&what, "Value of: ") ||
      !absl::ConsumePrefix(&actual, "  Actual: ") ||
      !absl::ConsumePrefix(&expected, "Expected: ")) {
    return "";
  }
  return absl::StrCat(what, " should be ", expected, ", but is ", actual,
                      Remark(lines, 3));
}

// "Expected: (a) < (b), actual: 3 vs 2".
std::string Comparison(const Lines& lines) {
  absl::string_view line = lines[0];
  if (!absl::ConsumePrefix(&line, "Expected: ")) return "";
  const size_t actual = line.rfind(", actual: ");
  if (actual == line.npos) return "";
  const absl::string_view claim = line.substr(0, actual);
  const std::vector<std::string> values = absl::StrSplit(
      line.substr(actual + absl::string_view(", actual: ").size()), " vs ");
  if (values.size() != 2) return "";
  for (const absl::string_view sign : {" <= ", " >= ", " < ", " > ", " != "}) {
    const std::vector<absl::string_view> sides =
        absl::StrSplit(claim, absl::StrCat(")", sign, "("));
    if (sides.size() != 2) continue;
    return absl::StrCat(Bare(absl::StrCat(sides[0], ")")), sign,
                        Bare(absl::StrCat("(", sides[1])),
                        " should hold, but here it is ", values[0], sign,
                        values[1], Remark(lines, 1));
  }
  return "";
}

}  // namespace

std::string ExpectationSentence(std::string_view message) {
  const Lines lines =
      absl::StrSplit(absl::string_view(message.data(), message.size()), '\n');
  std::string sentence;
  if (lines[0] == "Expected equality of these values:") {
    sentence = Equality(lines);
  } else if (absl::StartsWith(lines[0], "Value of: ")) {
    sentence = Truth(lines);
  } else if (absl::StartsWith(lines[0], "Expected: ")) {
    sentence = Comparison(lines);
  }
  if (!sentence.empty()) return sentence;
  // FAIL() says "Failed" first.
  const size_t from = lines[0] == "Failed" && lines.size() > 1 ? 1 : 0;
  sentence = Remark(lines, from);
  return sentence.empty() ? std::string(lines[0]) : sentence.substr(2);
}

}  // namespace racelab::runtimes
