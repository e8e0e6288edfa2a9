#include "build/source_text.h"

#include <cctype>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace racelab::build {

std::set<std::string> Identifiers(std::string_view source) {
  const PhasedText phased = TakePhases(source);
  const std::string& text = phased.text;
  std::set<std::string> words;
  for (size_t i = 0; i < text.size();) {
    if (!IsWordChar(text[i])) {
      ++i;
      continue;
    }
    std::string word = Word(std::string_view(text).substr(i));
    i += word.size();
    words.insert(std::move(word));
  }
  return words;
}

std::vector<Token> Tokens(std::string_view source) {
  using Part = PhasedText::Part;
  struct Sign {
    std::string_view spelling, meaning;
  };
  static constexpr Sign kSigns[] = {{"::", "::"}, {"<%", "{"}, {"%>", "}"},
                                    {"<:", "["},  {":>", "]"}, {"%:", "#"}};
  const PhasedText phased = TakePhases(source);
  const std::string& text = phased.text;
  std::vector<Token> tokens;
  bool first = true;  // on its line
  bool directive = false;
  for (size_t i = 0; i < text.size();) {
    Token token;
    token.line = phased.lines[i];
    size_t size = 1;
    if (const Part part = phased.parts[i]; part != Part::kCode) {
      const bool number = part == Part::kNumberBegin;
      const Part more = number ? Part::kNumber : Part::kLiteral;
      while (i + size < text.size() && phased.parts[i + size] == more) {
        ++size;
      }
      const std::string all = text.substr(i, size);
      token.text = number ? all : "\"";
      if (!number) token.literal = all;
    } else if (std::isspace(static_cast<unsigned char>(text[i]))) {
      first |= text[i] == '\n';
      ++i;
      continue;
    } else if (token.text = Word(std::string_view(text).substr(i));
               !token.text.empty()) {
      // It runs into nothing else: a literal's prefix would be part of it.
      size = token.text.size();
    } else {
      const std::string_view rest = std::string_view(text).substr(i);
      token.text = text[i];
      for (const Sign& sign : kSigns) {
        // "<::" begins with no bracket.
        if (!rest.starts_with(sign.spelling) ||
            (rest.starts_with("<::") && !rest.starts_with("<:::") &&
             !rest.starts_with("<::>"))) {
          continue;
        }
        token.text = sign.meaning;
        size = 2;
        break;
      }
    }
    if (first) directive = token.text == "#";
    first = false;
    token.directive = directive;
    tokens.push_back(std::move(token));
    i += size;
  }
  return tokens;
}

std::vector<Directive> ReadDirectives(std::string_view source) {
  const PhasedText phased = TakePhases(source);
  const std::string& text = phased.text;
  std::vector<Directive> directives;
  bool leading = true;
  for (size_t at = 0; at < text.size();) {
    size_t end = text.find('\n', at);
    if (end == std::string::npos) end = text.size();
    std::string_view line =
        SkipBlanks(std::string_view(text).substr(at, end - at));
    const size_t begin = end - line.size();
    at = end + 1;
    if (line.substr(0, 1) == "#") {
      line.remove_prefix(1);
    } else if (line.substr(0, 2) == "%:") {
      line.remove_prefix(2);
    } else {
      leading = leading && line.empty();
      continue;
    }
    line = SkipBlanks(line);
    Directive directive;
    directive.leading = leading;
    directive.line = phased.lines[begin];
    directive.name = Word(line);
    directive.rest = SkipBlanks(line.substr(directive.name.size()));
    directives.push_back(std::move(directive));
  }
  return directives;
}

std::vector<Ambiguity> Ambiguities(std::string_view source) {
  return TakePhases(source).ambiguities;
}

}  // namespace racelab::build
