#include "build/diagnostics.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace racelab::build {
namespace {

constexpr size_t kMaxOutput = 16 << 10;
constexpr char kStopped[] = "The compiler was stopped: ";
constexpr char kLinkError[] = "ld.lld: error: ";

// "file:line:col: error: text" → true. Both compilers write so.
bool ParseError(std::string_view line, verdict::SourceLocation& where,
                std::string& text) {
  for (const std::string_view mark : {": error: ", ": fatal error: "}) {
    const size_t at = line.find(mark);
    if (at == std::string_view::npos) continue;
    const std::vector<std::string> parts =
        absl::StrSplit(std::string(line.substr(0, at)), ':');
    text = line.substr(at + mark.size());
    where.file = parts[0];
    if (parts.size() > 1) (void)absl::SimpleAtoi(parts[1], &where.line);
    if (parts.size() > 2) (void)absl::SimpleAtoi(parts[2], &where.column);
    return true;
  }
  return false;
}

// Whether the runner, and not a student, is to define it. `symbol` is
// demangled.
bool BelongsToRunner(std::string_view symbol) {
  for (const char* prefix :
       {"testing::", "typeinfo for testing::", "vtable for testing::",
        "VTT for testing::", "guard variable for testing::", "labkit::",
        "absl::", "vtable for absl::", "typeinfo for absl::", "std::",
        "operator new", "operator delete"}) {
    if (absl::StartsWith(std::string(symbol), prefix)) return true;
  }
  // Functions with C linkage: libraries' and hooks'. What the student may call
  // of those is inspect.h's business.
  return symbol.find("::") == std::string_view::npos &&
         symbol.find('(') == std::string_view::npos &&
         !absl::StartsWith(std::string(symbol), "vtable for ") &&
         !absl::StartsWith(std::string(symbol), "typeinfo for ");
}

}  // namespace

std::string Clean(std::string_view diagnostics) {
  std::string text = absl::StrReplaceAll(
      std::string(diagnostics),
      {{"/racelab/include/", ""},
       {"/lab/", ""},
       {"In file included from ./", "In file included from "}});
  if (text.size() > kMaxOutput) {
    const size_t end = text.rfind('\n', kMaxOutput);
    text.resize(end == std::string::npos ? kMaxOutput : end);
    text += "\n(and more)\n";
  }
  return text;
}

verdict::Finding BuildError(std::string_view diagnostics) {
  verdict::Finding finding;
  finding.kind = verdict::FailureKind::kBuildError;
  finding.output = Clean(diagnostics);
  for (const auto piece : absl::StrSplit(finding.output, '\n')) {
    const std::string line(piece);
    if (absl::StartsWith(line, kStopped)) {
      finding.message = line;
      return finding;
    }
    if (absl::StartsWith(line, kLinkError)) {
      finding.message =
          absl::StrCat("does not link: ", line.substr(sizeof kLinkError - 1));
      return finding;
    }
    std::string text;
    if (ParseError(line, finding.where, text)) {
      finding.message = absl::StrCat("does not compile: ", text);
      return finding;
    }
  }
  finding.message = "does not compile";
  return finding;
}

std::string MissingDefinitions(std::string_view linker_output) {
  constexpr char kMark[] = "ld.lld: warning: undefined symbol: ";
  std::string missing;
  bool keep = false;
  const std::string output(linker_output);
  for (const auto piece : absl::StrSplit(output, '\n')) {
    const std::string line(piece);
    if (absl::StartsWith(line, kMark)) {
      keep = !BelongsToRunner(line.substr(sizeof kMark - 1));
    } else if (!absl::StartsWith(line, ">>>")) {
      keep = false;
    }
    if (keep) absl::StrAppend(&missing, line, "\n");
  }
  return absl::StrReplaceAll(missing,
                             {{"ld.lld: warning: ", "ld.lld: error: "}});
}

}  // namespace racelab::build
