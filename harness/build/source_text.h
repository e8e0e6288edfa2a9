// The text of a source file as the preprocessor sees it: lines spliced,
// comments blanks. Of anybody's files; nothing here trusts them.

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

// All directives of a file ("%:" is '#').
std::vector<Directive> ReadDirectives(std::string_view source);

struct Token {
  std::string text;  // a word, "::", or one other character
  int line = 0;
};

// Words and signs. What stands between quotes is one '"'.
std::vector<Token> Tokens(std::string_view source);

// The words, also those between quotes.
std::set<std::string> Identifiers(std::string_view source);

bool IsWordChar(char c);
// The word that the text begins with; empty if it begins with none.
std::string Word(std::string_view text);
std::string_view SkipBlanks(std::string_view text);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_SOURCE_TEXT_H_
