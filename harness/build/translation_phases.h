// A source file after the first translation phases ([lex.phases], 1 to 3), as
// clang 19 and gcc 12 take them: lines spliced, comments blanks, literals and
// numbers whole. Of anybody's files; nothing here trusts them.

#ifndef RACELAB_BUILD_TRANSLATION_PHASES_H_
#define RACELAB_BUILD_TRANSLATION_PHASES_H_

#include <string>
#include <string_view>
#include <vector>

namespace racelab::build {

// What two compilers, or one in a group that it skips and in one that it does
// not, take for different texts: whoever wants to be read needs none of it, and
// who wants to hide could choose. Read as clang does where it is not skipped.
struct Ambiguity {
  int line = 0;
  std::string what;  // completes "student/x.cc:12 …"
};

struct PhasedText {
  enum class Part : char {
    kCode,
    kNumberBegin,
    kNumber,
    kLiteralBegin,
    kLiteral
  };

  // Comments are one blank, spliced lines joined, ends of lines in raw strings
  // blanks.
  std::string text;
  // Of each of its characters.
  std::vector<int> lines;
  std::vector<Part> parts;
  // The first of each kind, by line.
  std::vector<Ambiguity> ambiguities;
};

PhasedText TakePhases(std::string_view source);

bool IsWordChar(char c);
// The word that the text begins with; empty if it begins with none.
std::string Word(std::string_view text);
std::string_view SkipBlanks(std::string_view text);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_TRANSLATION_PHASES_H_
