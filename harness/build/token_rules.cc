#include "build/token_rules.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "build/source_text.h"

namespace racelab::build {
namespace {

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
void InspectStd(const std::vector<Token>& tokens, size_t at,
                const TokenReport& report) {
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
    while (next + 2 < tokens.size() && tokens[next].text == "template") {
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

}  // namespace

void InspectTokens(const std::vector<Token>& tokens, bool header,
                   const TokenReport& report) {
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

  for (size_t i = 0; i < tokens.size(); ++i) {
    const auto& [text, line] = tokens[i];
    if (text == "nodebug" || text == "__nodebug__") {
      report(line,
             absl::StrCat("has an attribute ", text,
                          ": a function is not to be hidden from this check"));
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

}  // namespace racelab::build
