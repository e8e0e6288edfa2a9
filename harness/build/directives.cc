#include "build/directives.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"

namespace racelab::build {
namespace {

bool IsWordChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

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

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

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

constexpr std::string_view kTestNames[] = {
    "EXPECT_",     "ASSERT_", "TEST",    "CONCURRENT_TEST", "REACHED",
    "ADD_FAILURE", "FAIL",    "SUCCEED", "GTEST_",          "SCOPED_TRACE",
    "RUN_ALL",     "testing", "labkit",  "racelab_",        "__"};

constexpr std::string_view kKeywords[] = {"alignas",
                                          "alignof",
                                          "and",
                                          "asm",
                                          "auto",
                                          "bool",
                                          "break",
                                          "case",
                                          "catch",
                                          "char",
                                          "class",
                                          "co_await",
                                          "co_return",
                                          "co_yield",
                                          "concept",
                                          "const",
                                          "const_cast",
                                          "consteval",
                                          "constexpr",
                                          "constinit",
                                          "continue",
                                          "decltype",
                                          "default",
                                          "delete",
                                          "do",
                                          "double",
                                          "dynamic_cast",
                                          "else",
                                          "enum",
                                          "explicit",
                                          "export",
                                          "extern",
                                          "false",
                                          "final",
                                          "float",
                                          "for",
                                          "friend",
                                          "goto",
                                          "if",
                                          "inline",
                                          "int",
                                          "long",
                                          "mutable",
                                          "namespace",
                                          "new",
                                          "noexcept",
                                          "not",
                                          "nullptr",
                                          "operator",
                                          "or",
                                          "override",
                                          "private",
                                          "protected",
                                          "public",
                                          "reinterpret_cast",
                                          "requires",
                                          "return",
                                          "short",
                                          "signed",
                                          "sizeof",
                                          "static",
                                          "static_assert",
                                          "static_cast",
                                          "struct",
                                          "switch",
                                          "template",
                                          "this",
                                          "thread_local",
                                          "throw",
                                          "true",
                                          "try",
                                          "typedef",
                                          "typeid",
                                          "typename",
                                          "union",
                                          "unsigned",
                                          "using",
                                          "virtual",
                                          "void",
                                          "volatile",
                                          "wchar_t",
                                          "while",
                                          "xor"};

bool IsNumber(std::string_view text) {
  text = SkipBlanks(text);
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return IsWordChar(c) || c == '\'' || c == ' ' || c == '.';
         });
}

std::set<std::string> Identifiers(std::string_view text) {
  std::set<std::string> words;
  for (size_t i = 0; i < text.size();) {
    if (!IsWordChar(text[i])) {
      ++i;
      continue;
    }
    std::string word = Word(text.substr(i));
    i += word.size();
    words.insert(std::move(word));
  }
  return words;
}

// What GoogleTest's macros expand to. Names in capitals are macros themselves,
// see kTestNames.
const std::set<std::string>& WordsOfGoogleTest() {
  static const auto* const words = [] {
    auto* all = new std::set<std::string>;
    const std::filesystem::path root = "/usr/include/gtest";
    for (const auto& folder : {root, root / "internal"}) {
      std::error_code error;
      for (std::filesystem::directory_iterator it(folder, error), end;
           !error && it != end; it.increment(error)) {
        std::ifstream file(it->path());
        std::stringstream text;
        text << file.rdbuf();
        for (const Directive& directive : ReadDirectives(text.str())) {
          if (directive.name != "define") continue;
          for (const std::string& word : Identifiers(directive.rest)) {
            if (std::any_of(word.begin(), word.end(), IsLower)) {
              all->insert(word);
            }
          }
        }
      }
    }
    return all;
  }();
  return *words;
}

// What CONCURRENT_TEST and TEST make of the names of a test by pasting.
bool IsMadeOfATest(std::string_view macro, const std::set<std::string>& used) {
  return used.contains(std::string(macro.substr(0, macro.find('_')))) &&
         (macro.ends_with("_RacelabBody") || macro.ends_with("_Test") ||
          macro.ends_with("_racelab_declared"));
}

struct Token {
  std::string text;  // a word, "::", or one other character
  int line = 0;
};

// Words and signs, without what stands between quotes.
std::vector<Token> Tokens(const Plain& plain) {
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

// Whether `word` can be pasted together from two or more of `pieces`.
bool CanBePasted(std::string_view word, const std::set<std::string>& pieces) {
  // By length of a beginning: of how many pieces it can be made, 0 of none.
  std::vector<int> made(word.size() + 1, 0);
  for (size_t end = 1; end <= word.size(); ++end) {
    for (size_t begin = 0; begin < end; ++begin) {
      if (begin > 0 && made[begin] == 0) continue;
      if (begin == 0 && end == word.size()) continue;
      if (pieces.contains(std::string(word.substr(begin, end - begin)))) {
        made[end] = std::max(made[end], made[begin] + 1);
      }
    }
  }
  return made.back() >= 2;
}

// Behind the '>' that closes tokens[at] == "<", unless that is far away.
size_t PastAngles(const std::vector<Token>& tokens, size_t at) {
  const size_t end = std::min(tokens.size(), at + 1000);
  for (int depth = 0; at < end; ++at) {
    if (tokens[at].text == "<") ++depth;
    if (tokens[at].text == ">" && --depth == 0) return at + 1;
  }
  return at;
}

// The namespace std at tokens[at]: what is declared there must specialize.
template <typename Report>
void InspectStd(const std::vector<Token>& tokens, size_t at,
                const Report& report) {
  bool begins = true;
  int depth = 0;  // of all brackets
  for (size_t i = at + 2; i < tokens.size(); ++i) {
    const std::string& text = tokens[i].text;
    if (text == "{" || text == "(") {
      begins = ++depth == 1;
      continue;
    }
    if (text == "}" || text == ")") {
      if (--depth == 0) return;
      begins = depth == 1 && text == "}";
      continue;
    }
    if (depth == 1 && text == ";") {
      begins = true;
      continue;
    }
    if (depth != 1 || !begins) continue;
    if (text == "#") {
      while (i + 1 < tokens.size() && tokens[i + 1].line == tokens[i].line) ++i;
      continue;
    }
    begins = false;
    size_t next = i;
    bool partial = false;
    while (next + 1 < tokens.size() && tokens[next].text == "template") {
      partial |= tokens[next + 1].text != "<" || tokens[next + 2].text != ">";
      next = PastAngles(tokens, next + 1);
    }
    const bool type = next < tokens.size() && (tokens[next].text == "struct" ||
                                               tokens[next].text == "class");
    if (!type && (next == i || partial)) {
      report(tokens[i].line, "adds to the namespace std");
      return;
    }
  }
}

// Looks through the tokens of a file; `report` takes a line and what is wrong.
template <typename Report>
void InspectTokens(const std::vector<Token>& tokens, bool header,
                   const Report& report) {
  std::set<std::string> macros;
  std::set<std::string> words;
  bool pastes = false;
  int pasting_line = 0;
  static const Token none;
  const auto at = [&](size_t i) -> const Token& {
    return i < tokens.size() ? tokens[i] : none;
  };
  for (size_t i = 0; i < tokens.size(); ++i) {
    const std::string& text = tokens[i].text;
    words.insert(text);
    if (text == "define" && i > 0 && tokens[i - 1].text == "#") {
      macros.insert(at(i + 1).text);
    }
    // "##", "%:%:"
    const bool sign = text == "#" || (text == "%" && at(i + 1).text == ":");
    const size_t next = i + (text == "#" ? 1 : 2);
    if (sign && !pastes &&
        (at(next).text == "#" ||
         (at(next).text == "%" && at(next + 1).text == ":"))) {
      pastes = true;
      pasting_line = tokens[i].line;
    }
  }

  constexpr std::string_view kNoDebug = "is not to be hidden from this check";
  for (size_t i = 0; i < tokens.size(); ++i) {
    const auto& [text, line] = tokens[i];
    if (text == "nodebug" || text == "__nodebug__") {
      report(line, absl::StrCat("has an attribute ", text, ": a function ",
                                std::string(kNoDebug)));
    }
    if (text == "RACELAB_INSTRUMENTED" || text == "__SANITIZE_THREAD__" ||
        text == "thread_sanitizer") {
      report(line, absl::StrCat("asks who will run it (", text,
                                "): all engines judge the same code"));
    }
    if (!header) continue;
    const std::string& before = i > 0 ? tokens[i - 1].text : none.text;
    const std::string& after = at(i + 1).text;
    if (text == "labkit" || text.starts_with("racelab_") ||
        (text == "testing" &&
         (after == "::" || before == "::" || before == "namespace" ||
          (before == "=" && i > 2 && tokens[i - 3].text == "namespace")))) {
      report(line, absl::StrCat("names ", text, ", which is the tests' own"));
    }
    if (text == "template" && after == "<" && at(i + 2).text == ">") {
      // Scenarios pin the types that they compare.
      for (size_t next = i + 3; next < std::min(i + 20, tokens.size());
           ++next) {
        const std::string& word = tokens[next].text;
        if (word == ";" || word == "{" || word == "(") break;
        if (word == "is_same" || word == "is_same_v" || word == "decay") {
          report(line, absl::StrCat("specializes std::", word));
        }
      }
    }
    if (text != "namespace") continue;
    if (macros.contains(after) && at(i + 2).text == "(") {
      report(line, "opens a namespace whose name a macro makes");
    }
    if (after == "std" && at(i + 2).text == "{") InspectStd(tokens, i, report);
  }
  if (header && pastes) {
    for (const std::string_view word : {"labkit", "testing", "nodebug"}) {
      if (CanBePasted(word, words)) {
        report(pasting_line,
               absl::StrCat("can paste \"", std::string(word),
                            "\" together, which is not to be hidden"));
      }
    }
  }
}

// "#define COUNTER_H_": nothing that anybody would write in code.
bool IsGuard(const Directive& directive) {
  return directive.rest.ends_with("_H_") || directive.rest.ends_with("_H");
}

bool IsHeader(const std::string& file) {
  const size_t dot = file.rfind('.');
  const std::string ending = dot == std::string::npos ? "" : file.substr(dot);
  return ending != ".cc" && ending != ".cpp";
}

}  // namespace

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

std::vector<verdict::Finding> InspectDirectives(const std::string& file,
                                                std::string_view text,
                                                std::string_view scenario) {
  std::vector<verdict::Finding> findings;
  const auto report = [&](const Directive& directive, const std::string& what) {
    verdict::Finding& finding = findings.emplace_back();
    finding.kind = verdict::FailureKind::kForbiddenConstruct;
    finding.where.file = file;
    finding.where.line = directive.line;
    finding.message = absl::StrCat(file, ":", directive.line, " ", what);
  };
  std::set<std::string> used;
  if (IsHeader(file)) used = Identifiers(Simplify(scenario).text);
  InspectTokens(Tokens(Simplify(text)), IsHeader(file),
                [&](int line, const std::string& what) {
                  Directive place;
                  place.line = line;
                  report(place, what);
                });
  for (const Directive& directive : ReadDirectives(text)) {
    if (directive.name == "line" ||
        (!directive.name.empty() &&
         std::isdigit(static_cast<unsigned char>(directive.name[0])))) {
      report(directive, "pretends to be at another place (#line)");
    }
    if (directive.name != "define" && directive.name != "undef") continue;
    const std::string macro = Word(directive.rest);
    const std::string_view body =
        std::string_view(directive.rest).substr(macro.size());
    const bool of_tests =
        std::any_of(std::begin(kTestNames), std::end(kTestNames),
                    [&](std::string_view prefix) {
                      return macro.compare(0, prefix.size(), prefix) == 0;
                    });
    const bool keyword = std::find(std::begin(kKeywords), std::end(kKeywords),
                                   macro) != std::end(kKeywords);
    if (!IsHeader(file)) continue;
    const std::vector<Token> made_of = Tokens(Simplify(body));
    for (const Token& token : made_of) {
      if (token.text == "testing" ||
          (token.text == "std" && made_of.size() == 1)) {
        report(directive,
               absl::StrCat("makes ", macro, " another name of ", token.text));
      }
    }
    if (of_tests || keyword || IsMadeOfATest(macro, used) ||
        (!IsGuard(directive) && WordsOfGoogleTest().contains(macro))) {
      report(directive,
             absl::StrCat("redefines ", macro, " for whoever includes it"));
    } else if (used.contains(macro) && !IsNumber(body)) {
      report(directive, absl::StrCat("makes a macro of ", macro,
                                     ", a name that the scenario uses"));
    }
  }
  return findings;
}

}  // namespace racelab::build
