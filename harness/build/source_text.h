// Directives, tokens and words of a source file, as compilers read them before
// they look at its meaning (translation_phases.h).

#ifndef RACELAB_BUILD_SOURCE_TEXT_H_
#define RACELAB_BUILD_SOURCE_TEXT_H_

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "build/translation_phases.h"

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

// The first of each kind, by line.
std::vector<Ambiguity> Ambiguities(std::string_view source);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_SOURCE_TEXT_H_
