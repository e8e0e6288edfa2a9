#include "build/token_rules.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "build/source_text.h"

namespace racelab::build {
namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

constexpr std::string_view kOneVariantsOwn[] = {
    "RACELAB_INSTRUMENTED", "__SANITIZE_THREAD__", "thread_sanitizer",
    // labkit/weak_exchange.h's
    "LABKIT_WEAK_EXCHANGE_H_", "__atomic_compare_exchange_n"};

// How many characters of `word` can't be had from `pieces` of at least
// `shortest` characters, if it is pasted together.
size_t Missing(std::string_view word, const std::set<std::string>& pieces,
               size_t shortest) {
  // Of each beginning.
  std::vector<size_t> missing(word.size() + 1, 0);
  for (size_t end = 1; end <= word.size(); ++end) {
    missing[end] = missing[end - 1] + 1;
    for (size_t begin = 0; begin + shortest <= end; ++begin) {
      if (missing[begin] < missing[end] && end - begin < word.size() &&
          pieces.contains(std::string(word.substr(begin, end - begin)))) {
        missing[end] = missing[begin];
      }
    }
  }
  return missing.back();
}

// The same of one that only the instrumented variant knows. Any header of the
// system's may have macros that paste, also some letters of their own
// (INT64_C), so it does not matter who pastes.
bool CanBeAsked(std::string_view word, const std::set<std::string>& pieces) {
  constexpr size_t kGiven = 3;
  if (Missing(word, pieces, 2) <= kGiven) return true;
  // People call their variables a, i, n, t, but seldom all their types so.
  const bool capitals = std::none_of(word.begin(), word.end(), IsLower);
  return Missing(word, pieces, 1) <= (capitals ? kGiven : 0);
}

// A macro of somebody else's that is called here, to go by its name.
bool LooksLikeMacro(const std::string& word) {
  return word.size() > 1 && !word.starts_with("__attribute") &&
         !word.starts_with("__builtin_") && !word.starts_with("__has_") &&
         (word.starts_with("__") ||
          std::none_of(word.begin(), word.end(), IsLower)) &&
         std::any_of(word.begin(), word.end(), IsUpper);
}

using LineReport = std::function<void(int line, const std::string& what)>;

// Behind the '>' that closes tokens[at] == "<", unless that is far away.
size_t PastAngles(const std::vector<Token>& tokens, size_t at) {
  const size_t end = std::min(tokens.size(), at + 1000);
  for (int depth = 0; at < end; ++at) {
    if (tokens[at].text == "<") ++depth;
    if (tokens[at].text == ">" && --depth == 0) return at + 1;
  }
  return at;
}

// The namespace std, opened by tokens[at] == "{": what is declared there must
// specialize.
void InspectStd(const std::vector<Token>& tokens, size_t at,
                const LineReport& report) {
  bool begins = true;
  int depth = 0;  // of all brackets
  for (size_t i = at; i < tokens.size(); ++i) {
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

// What follows the word `namespace`, without attributes.
struct NamespaceHead {
  size_t end = 0;                  // of the "{", ";" or "="
  std::vector<std::string> names;  // behind a "=", too
  bool plain = true;               // names and "::", which no macro has made
};

// Behind the bracket that closes the one at tokens[at], unless that is far
// away.
size_t PastBrackets(const std::vector<Token>& tokens, size_t at) {
  const std::string& open = tokens[at].text;
  const std::string_view close = open == "(" ? ")" : "]";
  const size_t end = std::min(tokens.size(), at + 1000);
  for (int depth = 0; at < end; ++at) {
    if (tokens[at].text == open) ++depth;
    if (tokens[at].text == close && --depth == 0) return at + 1;
  }
  return at;
}

NamespaceHead ReadNamespaceHead(const std::vector<Token>& tokens, size_t at,
                                const std::set<std::string>& macros) {
  NamespaceHead head;
  bool named = false;
  size_t i = at + 1;
  // Longer ones are nobody's, and would take too long.
  const size_t limit = std::min(tokens.size(), at + 1000);
  while (i < limit) {
    const std::string& text = tokens[i].text;
    if (text == "{" || text == ";") break;
    if (text == "[" || (text.starts_with("__attribute") && i + 1 < limit &&
                        tokens[i + 1].text == "(")) {
      i = PastBrackets(tokens, text == "[" ? i : i + 1);
      continue;
    }
    if (text == "=") {
      head.end = i;
      named = false;
    } else if (text == "::") {
      named = false;
    } else {
      // "inline" stands before a name.
      if (named || !IsWordChar(text[0]) || macros.contains(text)) {
        head.plain = false;
      }
      named = text != "inline";
      head.names.push_back(text);
    }
    ++i;
  }
  if (i >= limit && limit < tokens.size()) head.plain = false;
  if (head.end == 0) head.end = std::min(i, tokens.size());
  return head;
}

void InspectNamespace(const std::vector<Token>& tokens, size_t at,
                      const std::set<std::string>& macros,
                      const LineReport& report) {
  const int line = tokens[at].line;
  const NamespaceHead head = ReadNamespaceHead(tokens, at, macros);
  if (!head.plain) {
    report(line, "opens a namespace whose name a macro makes");
  }
  const auto has = [&head](std::string_view name) {
    return std::ranges::find(head.names, name) != head.names.end();
  };
  if (has("testing")) {
    report(line, "names testing, which is the tests' own");
  }
  if (head.end >= tokens.size() || tokens[head.end].text != "{") return;
  if (has("std")) InspectStd(tokens, head.end, report);
  for (const std::string& name : head.names) {
    // Macros of the library's, such as _GLIBCXX_STD_C, and its namespaces.
    if (name.size() > 1 && name[0] == '_' &&
        (name[1] == '_' || IsUpper(name[1]))) {
      report(line, absl::StrCat("opens the namespace ", name,
                                ", which is the library's own"));
    }
  }
}

// Whether one variant knows the name and the other does not. It is nobody's.
bool TellsVariants(const std::string& word) {
  return word == "RACELAB_INSTRUMENTED" || word == "__SANITIZE_THREAD__" ||
         // __has_feature takes it with underscores around it as well.
         absl::StrContains(word, "thread_sanitizer") ||
         word.starts_with("LABKIT_");
}

// What a header does to those who include it. `tokens`: its code, or its
// directives, which may stand between any two words of its code.
void InspectHeader(const std::vector<Token>& tokens,
                   const std::set<std::string>& macros,
                   const LineReport& report) {
  static const Token none;
  const auto at = [&](size_t i) -> const Token& {
    return i < tokens.size() ? tokens[i] : none;
  };
  for (size_t i = 0; i < tokens.size(); ++i) {
    const std::string& text = tokens[i].text;
    const int line = tokens[i].line;
    const auto say = [&](const std::string& what) { report(line, what); };
    const std::string& before = i > 0 ? tokens[i - 1].text : none.text;
    const std::string& after = at(i + 1).text;
    if (text.starts_with("racelab_") ||
        (text == "testing" && (after == "::" || before == "::"))) {
      say(absl::StrCat("names ", text, ", which is the tests' own"));
    }
    for (const char* word : {"push_macro", "pop_macro"}) {
      // Also in _Pragma("…").
      if (text == word || absl::StrContains(tokens[i].literal, word)) {
        say(absl::StrCat("uses ", word, ", which redefines macros"));
      }
    }
    if (text == "template" && after == "<" && at(i + 2).text == ">") {
      // Scenarios pin the types that they compare.
      for (size_t next = i + 3; next < std::min(i + 20, tokens.size());
           ++next) {
        const std::string& word = tokens[next].text;
        if (word == ";" || word == "{" || word == "(") break;
        if (word == "is_same" || word == "is_same_v" || word == "decay") {
          say(absl::StrCat("specializes std::", word));
        }
      }
    }
    if (text == "namespace") InspectNamespace(tokens, i, macros, report);
    if (((text == "testing" || text == "std") && after == "{" &&
         (before == ")" || macros.contains(before))) ||
        text.starts_with("_GLIBCXX_BEGIN_")) {
      say("opens a namespace with a macro");
    }
  }
}

}  // namespace

bool TellsVariantsUncalled(const std::string& word) {
  // labkit/weak_exchange.h's
  return word.starts_with("__atomic_compare_exchange");
}

std::string Asking(const std::string& word) {
  return absl::StrCat("asks who will run it (", word,
                      "): all engines judge the same code");
}

void InspectTokens(const std::vector<TokenFile>& files,
                   const TokenReport& report) {
  std::set<std::string> macros;
  std::set<std::string> words;
  std::set<std::string> header_words;
  // Who does, or where something does that is defined elsewhere.
  const TokenFile* pasting = nullptr;
  int pasting_line = 0;
  for (const TokenFile& file : files) {
    for (size_t i = 0; i < file.tokens.size(); ++i) {
      const std::string& text = file.tokens[i].text;
      if (text == "define" && i > 0 && file.tokens[i - 1].text == "#" &&
          i + 1 < file.tokens.size()) {
        macros.insert(file.tokens[i + 1].text);
      }
      if (!TellsVariantsUncalled(text)) words.insert(text);
      if (file.header) header_words.insert(text);
    }
  }
  for (const TokenFile& file : files) {
    for (size_t i = 0; i < file.tokens.size(); ++i) {
      const std::string& text = file.tokens[i].text;
      const int line = file.tokens[i].line;
      const std::string_view after =
          i + 1 < file.tokens.size() ? std::string_view(file.tokens[i + 1].text)
                                     : "";
      const bool pastes = text == "#" ? after == "#"
                                      : file.header && after == "(" &&
                                            LooksLikeMacro(text) &&
                                            !macros.contains(text);
      if (pastes && pasting == nullptr) {
        pasting = &file;
        pasting_line = line;
      }
      if (text == "nodebug" || text == "__nodebug__") {
        report(
            file.name, line,
            absl::StrCat("has an attribute ", text,
                         ": a function is not to be hidden from this check"));
      }
      const bool asked = i > 0 && (file.tokens[i - 1].text == "defined" ||
                                   (i > 1 && file.tokens[i - 1].text == "(" &&
                                    file.tokens[i - 2].text == "defined"));
      if (TellsVariants(text) ||
          (TellsVariantsUncalled(text) && (after != "(" || asked))) {
        report(file.name, line, Asking(text));
      }
      // Half of it is there in one variant only.
      if (text == "labkit") {
        report(file.name, line, "names labkit, which is the tests' own");
      }
    }
    if (!file.header) continue;
    for (const bool directives : {false, true}) {
      std::vector<Token> tokens;
      std::ranges::copy_if(
          file.tokens, std::back_inserter(tokens),
          [&](const Token& token) { return token.directive == directives; });
      InspectHeader(tokens, macros, [&](int line, const std::string& what) {
        report(file.name, line, what);
      });
    }
  }

  for (const std::string_view word : kOneVariantsOwn) {
    if (!CanBeAsked(word, words)) continue;
    // Said of the longest piece.
    const TokenFile* where = nullptr;
    const Token* longest = nullptr;
    for (const TokenFile& file : files) {
      for (const Token& token : file.tokens) {
        if (word.find(token.text) != std::string_view::npos &&
            token.text.size() < word.size() &&
            (longest == nullptr || token.text.size() > longest->text.size())) {
          where = &file;
          longest = &token;
        }
      }
    }
    if (longest == nullptr) continue;
    report(where->name, longest->line,
           absl::StrCat("can paste \"", std::string(word), "\" together (",
                        longest->text,
                        "), and so ask who will run it: all engines judge the "
                        "same code; give this another name"));
  }
  if (pasting == nullptr) return;
  for (const std::string_view word :
       {"labkit", "testing", "nodebug", "push_macro", "pop_macro"}) {
    if (Missing(word, header_words, 1) == 0) {
      report(pasting->name, pasting_line,
             absl::StrCat("can paste \"", std::string(word),
                          "\" together, which is not to be hidden"));
    }
  }
}

}  // namespace racelab::build
