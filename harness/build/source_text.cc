#include "build/source_text.h"

#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace racelab::build {
namespace {

// Comments become one space, spliced lines are joined; `lines` says on which
// line each character was.
struct Plain {
  std::string text;
  std::vector<int> lines;
  void Add(char c, int line) {
    text += c;
    lines.push_back(line);
  }
};

Plain Simplify(std::string_view text) {
  std::string spliced;
  std::vector<int> lines;
  int line = 1;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') continue;
    // Blanks between the backslash and the end of the line do not matter.
    if (text[i] == '\\') {
      size_t next = i + 1;
      while (next < text.size() &&
             (text[next] == ' ' || text[next] == '\t' || text[next] == '\r')) {
        ++next;
      }
      if (next < text.size() && text[next] == '\n') {
        ++line;
        i = next;
        continue;
      }
    }
    spliced += text[i];
    lines.push_back(line);
    if (text[i] == '\n') ++line;
  }

  Plain plain;
  for (size_t i = 0; i < spliced.size(); ++i) {
    const char c = spliced[i];
    const char next = i + 1 < spliced.size() ? spliced[i + 1] : '\0';
    if (c == '/' && next == '/') {
      while (i < spliced.size() && spliced[i] != '\n') ++i;
      if (i < spliced.size()) plain.Add('\n', lines[i]);
    } else if (c == '/' && next == '*') {
      const size_t end = spliced.find("*/", i + 2);
      plain.Add(' ', lines[i]);
      i = end == std::string::npos ? spliced.size() : end + 1;
    } else if (c == '"' || c == '\'') {
      // Not a digit separator, and no raw string: those end at the line's end,
      // and what they hold can only make the check stricter.
      plain.Add(c, lines[i]);
      const bool separator =
          c == '\'' && i > 0 && IsWordChar(spliced[i - 1]) && IsWordChar(next);
      if (separator) continue;
      for (++i; i < spliced.size() && spliced[i] != c && spliced[i] != '\n';
           ++i) {
        plain.Add(spliced[i], lines[i]);
        if (spliced[i] == '\\' && i + 1 < spliced.size()) {
          ++i;
          plain.Add(spliced[i], lines[i]);
        }
      }
      if (i < spliced.size()) plain.Add(spliced[i], lines[i]);
    } else {
      plain.Add(c, lines[i]);
    }
  }
  return plain;
}

}  // namespace

bool IsWordChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

std::string Word(std::string_view text) {
  size_t end = 0;
  while (end < text.size() && IsWordChar(text[end])) ++end;
  return std::string(text.substr(0, end));
}

std::string_view SkipBlanks(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text[0]))) {
    text.remove_prefix(1);
  }
  return text;
}

std::set<std::string> Identifiers(std::string_view source) {
  const std::string text = Simplify(source).text;
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
  const Plain plain = Simplify(source);
  std::vector<Token> tokens;
  const std::string& text = plain.text;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (std::isspace(static_cast<unsigned char>(c))) {
      ++i;
      continue;
    }
    if (c == '"' || c == '\'') {
      // As in Simplify(): to the end of the line at most.
      const size_t begin = i;
      const bool separator = c == '\'' && i > 0 && IsWordChar(text[i - 1]) &&
                             i + 1 < text.size() && IsWordChar(text[i + 1]);
      for (++i; !separator && i < text.size() && text[i] != '\n'; ++i) {
        if (text[i] == c) break;
        if (text[i] == '\\') ++i;
      }
      if (!separator && i < text.size()) ++i;
      tokens.push_back({"\"", plain.lines[begin]});
      continue;
    }
    const std::string word = Word(std::string_view(text).substr(i));
    size_t size = word.size();
    if (size == 0) size = text.compare(i, 2, "::") == 0 ? 2 : 1;
    tokens.push_back({text.substr(i, size), plain.lines[i]});
    i += size;
  }
  return tokens;
}

std::vector<Directive> ReadDirectives(std::string_view text) {
  const Plain plain = Simplify(text);
  std::vector<Directive> directives;
  bool leading = true;
  for (size_t at = 0; at < plain.text.size();) {
    size_t end = plain.text.find('\n', at);
    if (end == std::string::npos) end = plain.text.size();
    std::string_view line =
        SkipBlanks(std::string_view(plain.text).substr(at, end - at));
    const int number = plain.lines[at];
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
    directive.line = number;
    directive.name = Word(line);
    directive.rest = SkipBlanks(line.substr(directive.name.size()));
    directives.push_back(std::move(directive));
  }
  return directives;
}

}  // namespace racelab::build
