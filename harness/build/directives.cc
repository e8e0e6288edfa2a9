#include "build/directives.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "build/source_text.h"
#include "build/token_rules.h"

namespace racelab::build {
namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

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

// "#define COUNTER_H_": nothing that anybody would write in code.
bool IsGuard(const Directive& directive) {
  return directive.rest.ends_with("_H_") || directive.rest.ends_with("_H");
}

bool IsHeader(const std::string& file) {
  const size_t dot = file.rfind('.');
  const std::string ending = dot == std::string::npos ? "" : file.substr(dot);
  return ending != ".cc" && ending != ".cpp";
}

using Report = std::function<void(const std::string& what)>;

void InspectDirective(const Directive& directive, const Report& report) {
  static constexpr std::string_view kConditions[] = {
      "if", "elif", "ifdef", "ifndef", "elifdef", "elifndef"};
  if (directive.name == "line" ||
      (!directive.name.empty() &&
       std::isdigit(static_cast<unsigned char>(directive.name[0])))) {
    report("pretends to be at another place (#line)");
  }
  if (std::ranges::find(kConditions, directive.name) == std::end(kConditions)) {
    return;
  }
  for (const Token& token : Tokens(directive.rest)) {
    if (TellsVariantsUncalled(token.text)) report(Asking(token.text));
  }
}

// What a header makes of names that its scenario uses, in the set `used`.
void InspectMacro(const Directive& directive, const std::set<std::string>& used,
                  const Report& report) {
  if (directive.name != "define" && directive.name != "undef") return;
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
  for (const Token& token : Tokens(body)) {
    if (token.text == "testing" || token.text == "namespace") {
      report(absl::StrCat("makes ", macro, " another name of ", token.text));
    }
  }
  if (of_tests || keyword || IsMadeOfATest(macro, used) ||
      (!IsGuard(directive) && WordsOfGoogleTest().contains(macro))) {
    report(absl::StrCat("redefines ", macro, " for whoever includes it"));
  } else if (used.contains(macro) && !IsNumber(body)) {
    report(absl::StrCat("makes a macro of ", macro,
                        ", a name that the scenario uses"));
  }
}

}  // namespace

std::vector<verdict::Finding> InspectDirectives(
    const std::map<std::string, std::string>& files,
    std::string_view scenario) {
  std::vector<verdict::Finding> findings;
  std::set<std::string> said;
  const auto report = [&](const std::string& file, int line,
                          const std::string& what) {
    verdict::Finding finding;
    finding.kind = verdict::FailureKind::kForbiddenConstruct;
    finding.where.file = file;
    finding.where.line = line;
    finding.message = absl::StrCat(file, ":", line, " ", what);
    if (said.insert(finding.message).second) {
      findings.push_back(std::move(finding));
    }
  };
  const std::set<std::string> used = Identifiers(scenario);
  std::vector<TokenFile> tokens;
  for (const auto& [name, text] : files) {
    for (const Ambiguity& ambiguity : Ambiguities(text)) {
      report(name, ambiguity.line, ambiguity.what);
    }
    tokens.push_back({name, IsHeader(name), Tokens(text)});
  }
  InspectTokens(tokens, report);
  for (const auto& [name, text] : files) {
    for (const Directive& directive : ReadDirectives(text)) {
      const auto say = [&, &name = name](const std::string& what) {
        report(name, directive.line, what);
      };
      InspectDirective(directive, say);
      if (IsHeader(name)) InspectMacro(directive, used, say);
    }
  }
  return findings;
}

}  // namespace racelab::build
