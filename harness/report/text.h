// Text for a terminal: what a student controls made harmless, widths, wrapping,
// color.

#ifndef RACELAB_REPORT_TEXT_H_
#define RACELAB_REPORT_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verdict/verdict.h"

namespace racelab::report {

// Valid UTF-8 on one line without control characters: tabs and line ends become
// blanks; escape sequences, other controls, and characters that change the
// direction of text are dropped; broken bytes become U+FFFD.
std::string OneLine(std::string_view text);

// As above, but lines stay lines. At most `max_lines`, then "…".
std::vector<std::string> Lines(std::string_view text, size_t max_lines);

// Valid UTF-8 with nothing else changed.
std::string ValidUtf8(std::string_view text);

// The characters of the report's own as what ASCII has like them, '?' for the
// rest. May be wider than `text`: before layout, not after it.
std::string Ascii(std::string_view text);

// Columns that a line takes: 2 for East Asian wide characters, 0 for marks.
size_t Width(std::string_view text);

// Cut to `width` columns, with "…" where something is missing.
std::string Cut(std::string_view text, size_t width);

// `text` and blanks up to `width` columns.
std::string Pad(std::string text, size_t width);

// Lines of at most `width` columns, broken at blanks where possible.
std::vector<std::string> Wrap(std::string_view text, size_t width);

std::string Thousands(uint64_t number);  // "6,412"
// "1 round", "6,412 rounds"
std::string Count(uint64_t number, std::string_view singular);

// "data race": a kind's name for people.
std::string Words(verdict::FailureKind kind);
std::string Words(verdict::Outcome outcome);

// What a kind of failure means, in a sentence for a newcomer; "" where the name
// says it.
std::string_view Meaning(verdict::FailureKind kind);

// "counter.cc:5" of "student/counter.cc", line 5.
std::string ShortPlace(const verdict::SourceLocation& where);

// Every line that would be a command to GitHub Actions' log reader, were the
// report printed there ("::error …", "##[…]"), with a blank put in.
std::string NoCommands(std::string_view text);

// How a terminal report is dressed.
struct Style {
  bool color = false;
  bool unicode = true;

  // OneLine(), in ASCII if that is all there is.
  std::string Text(std::string_view text) const {
    return unicode ? OneLine(text) : Ascii(OneLine(text));
  }

  std::string Bold(std::string_view text) const { return Set("1", text); }
  std::string Dim(std::string_view text) const { return Set("2", text); }
  std::string Red(std::string_view text) const { return Set("31", text); }
  std::string Green(std::string_view text) const { return Set("32", text); }
  std::string Yellow(std::string_view text) const { return Set("33", text); }
  std::string Cyan(std::string_view text) const { return Set("36", text); }

 private:
  std::string Set(std::string_view code, std::string_view text) const;
};

}  // namespace racelab::report

#endif  // RACELAB_REPORT_TEXT_H_
