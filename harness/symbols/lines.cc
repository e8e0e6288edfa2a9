#include "symbols/lines.h"

#include <dwarf.h>

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "symbols/dwarf.h"

namespace racelab::symbols {
namespace {

using verdict::SourceLocation;

// "./student/a.cc", "student/./b/../a.cc" → "student/a.cc". libdw puts the
// unit's compilation folder before relative names; they are meant relative.
std::string CleanFile(Dwarf_Die unit, absl::string_view file) {
  std::string result;
  Dwarf_Attribute attribute;
  if (const char* folder =
          dwarf_formstring(dwarf_attr(&unit, DW_AT_comp_dir, &attribute))) {
    absl::string_view rest = file;
    if (absl::ConsumePrefix(&rest, folder) && absl::ConsumePrefix(&rest, "/")) {
      file = rest;
    }
  }
  while (absl::ConsumePrefix(&file, "./")) {
  }
  while (!file.empty()) {
    const size_t slash = file.find('/');
    const absl::string_view part = file.substr(0, slash);
    if (part == ".." && !result.empty()) {
      result.erase(result.rfind('/', result.size() - 2) + 1);
    } else if (part != ".") {
      absl::StrAppend(&result, part, slash == file.npos ? "" : "/");
    }
    if (slash == file.npos) break;
    file.remove_prefix(slash + 1);
  }
  return result;
}

// A place that a DIE's attributes name: where it is called or declared.
SourceLocation PlaceOf(Dwarf_Die die, unsigned file_attribute,
                       unsigned line_attribute, unsigned column_attribute) {
  SourceLocation result;
  Dwarf_Die unit;
  Dwarf_Files* files = nullptr;
  size_t count = 0;
  // Not dwarf_decl_file(), which takes DWARF 5's file 0 for none.
  const std::optional<uint64_t> file = UnsignedOf(die, file_attribute);
  if (file && dwarf_diecu(&die, &unit, nullptr, nullptr) != nullptr &&
      dwarf_getsrcfiles(&unit, &files, &count) == 0 && *file < count) {
    const char* name = dwarf_filesrc(files, *file, nullptr, nullptr);
    if (name != nullptr) result.file = CleanFile(unit, name);
  }
  result.line = static_cast<int>(UnsignedOf(die, line_attribute).value_or(0));
  result.column =
      static_cast<int>(UnsignedOf(die, column_attribute).value_or(0));
  return result;
}

void Descend(Dwarf_Die die, uint64_t place, std::vector<Dwarf_Die>* chain,
             int depth) {
  if (depth > kMaxDepth) return;
  ForEachChild(die, [&](Dwarf_Die child) {
    const int tag = dwarf_tag(&child);
    if ((tag != DW_TAG_lexical_block && tag != DW_TAG_inlined_subroutine) ||
        dwarf_haspc(&child, place) != 1) {
      return true;
    }
    if (tag == DW_TAG_inlined_subroutine) chain->push_back(child);
    Descend(child, place, chain, depth + 1);
    return false;
  });
}

}  // namespace

SourceLocation LineAt(Dwarf_Die unit, uint64_t place, uint64_t low) {
  SourceLocation result;
  Dwarf_Lines* lines = nullptr;
  size_t count = 0;
  if (dwarf_getsrclines(&unit, &lines, &count) != 0) return result;
  Dwarf_Line* line = dwarf_getsrc_die(&unit, place);
  if (line == nullptr) return result;
  for (size_t i = 0; i < count; ++i) {
    Dwarf_Addr address = 0;
    int number = 0;
    if (dwarf_lineaddr(line, &address) != 0 ||
        dwarf_lineno(line, &number) != 0) {
      return result;
    }
    if (number != 0 || address <= low) break;
    Dwarf_Line* before = dwarf_getsrc_die(&unit, address - 1);
    if (before == nullptr || before == line) break;
    line = before;
  }
  (void)dwarf_lineno(line, &result.line);
  (void)dwarf_linecol(line, &result.column);
  if (const char* file = dwarf_linesrc(line, nullptr, nullptr)) {
    result.file = CleanFile(unit, file);
  }
  return result;
}

SourceLocation CallSite(Dwarf_Die inlined) {
  return PlaceOf(inlined, DW_AT_call_file, DW_AT_call_line, DW_AT_call_column);
}

SourceLocation DeclaredAt(Dwarf_Die die) {
  return PlaceOf(die, DW_AT_decl_file, DW_AT_decl_line, DW_AT_decl_column);
}

std::vector<Dwarf_Die> InlinedAt(Dwarf_Die function, uint64_t place) {
  std::vector<Dwarf_Die> result = {function};
  Descend(function, place, &result, 0);
  return result;
}

}  // namespace racelab::symbols
