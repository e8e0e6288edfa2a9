#include "build/directives.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
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

constexpr std::string_view kKeywords[] = {
    "alignas",  "auto",     "bool",         "break",     "case",     "catch",
    "char",     "class",    "const",        "continue",  "default",  "delete",
    "do",       "double",   "else",         "enum",      "explicit", "false",
    "float",    "for",      "friend",       "goto",      "if",       "inline",
    "int",      "long",     "mutable",      "namespace", "new",      "noexcept",
    "nullptr",  "operator", "private",      "protected", "public",   "return",
    "short",    "signed",   "sizeof",       "static",    "struct",   "switch",
    "template", "this",     "thread_local", "throw",     "true",     "try",
    "typename", "union",    "unsigned",     "using",     "virtual",  "void",
    "volatile", "while"};

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
    if (of_tests || keyword) {
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
