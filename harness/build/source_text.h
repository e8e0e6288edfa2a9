// The text of a source file as clang 19 and gcc 12 read it before they look at
// its meaning: lines spliced, comments blanks, literals whole. Of anybody's
// files; nothing here trusts them.

#ifndef RACELAB_BUILD_SOURCE_TEXT_H_
#define RACELAB_BUILD_SOURCE_TEXT_H_

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace racelab::build {

// A preprocessing directive: "define" and "EXPECT_EQ(a, b) (void)0".
struct Directive {
  int line = 0;
  std::string name;
  std::string rest;
  // Nothing but directives, blanks and comments stands before it.
  bool leading = false;
};

// All directives of a file ("%:" is '#'), in groups that are skipped, too.
std::vector<Directive> ReadDirectives(std::string_view source);

struct Token {
  // A word, a number, "::", or one other character, digraphs as what they stand
  // for. Of a literal it is one '"'.
  std::string text;
  int line = 0;
  std::string literal;     // with its prefix and quotes
  bool directive = false;  // part of one
};

std::vector<Token> Tokens(std::string_view source);

// The words, also those between quotes.
std::set<std::string> Identifiers(std::string_view source);

// What two compilers, or one in a group that it skips and in one that it does
// not, take for different texts: whoever wants to be read needs none of it, and
// who wants to hide could choose. Read as clang does where it is not skipped.
struct Ambiguity {
  int line = 0;
  std::string what;  // completes "student/x.cc:12 …"
};

// The first of each kind, by line.
std::vector<Ambiguity> Ambiguities(std::string_view source);

bool IsWordChar(char c);
// The word that the text begins with; empty if it begins with none.
std::string Word(std::string_view text);
std::string_view SkipBlanks(std::string_view text);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_SOURCE_TEXT_H_
