#include "symbols/heap.h"

#include <dwarf.h>

#include <cctype>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "symbols/dwarf.h"
#include "symbols/path.h"

namespace racelab::symbols {
namespace {

// "Account" of "… new shop::Account(…", with what follows the name.
std::string TypeAfterNew(absl::string_view line, bool* is_array) {
  for (size_t at = line.find("new"); at != line.npos;
       at = line.find("new", at + 3)) {
    const auto is_word = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
    };
    if ((at > 0 && is_word(line[at - 1])) || at + 3 >= line.size() ||
        line[at + 3] != ' ') {
      continue;
    }
    absl::string_view rest = line.substr(at + 4);
    while (absl::ConsumePrefix(&rest, " ")) {
    }
    size_t end = 0;
    while (end < rest.size() && (is_word(rest[end]) || rest[end] == ':')) ++end;
    if (end == 0) continue;
    absl::string_view name = rest.substr(0, end);
    const size_t colon = name.rfind(':');
    if (colon != name.npos) name.remove_prefix(colon + 1);
    absl::string_view after = rest.substr(end);
    while (absl::ConsumePrefix(&after, " ")) {
    }
    *is_array = absl::StartsWith(after, "[");
    return std::string(name);
  }
  return "";
}

}  // namespace

Allocation AllocationOf(const Index& index, std::span<const Dwarf_Die> calls,
                        absl::string_view line) {
  Allocation result;
  for (const Dwarf_Die& call : calls) {
    const absl::string_view name = NameOf(call);
    if (name == "allocate") {
      if (result.type) continue;
      const std::optional<Dwarf_Die> parent = index.Parent(call);
      if (!parent) continue;
      // __new_allocator<T>, std::allocator<T>, or their traits: not every level
      // leaves a frame.
      result.type = TemplateType(*parent, 0);
      if (result.type &&
          absl::StartsWith(NameOf(*parent), "allocator_traits<")) {
        result.type = TemplateType(*result.type, 0);
      } else if (!absl::StrContains(NameOf(*parent), "allocator<")) {
        result.type.reset();
      }
      if (!result.type) continue;
      result.shown = TypeName(*result.type);
      result.words = absl::StrCat("allocated ", result.shown);
      // make_shared and container nodes: the student knows the element.
      if (absl::StartsWith(result.shown, "_")) {
        if (const auto element = TemplateType(*result.type, 0)) {
          result.words = absl::StrCat("a node's ", TypeName(*element));
          if (absl::StartsWith(result.shown, "_Sp_counted")) {
            result.words = absl::StrCat("make_shared ", TypeName(*element));
          }
          result.shown = TypeName(*element);
        }
      }
    } else if (absl::StartsWith(name, "make_unique<")) {
      result.type = TemplateType(call, 0);
      if (!result.type) result.type = TemplateType(DeclarationOf(call), 0);
      if (!result.type) continue;
      Dwarf_Die type = *result.type;
      if (dwarf_tag(&type) == DW_TAG_array_type) {
        result.type = TypeOf(type);
        result.is_array = true;
        if (!result.type) continue;
      }
      result.shown = TypeName(*result.type);
      result.words = absl::StrCat("make_unique ", result.shown);
    } else if (absl::StartsWith(name, "vector<") ||
               absl::StartsWith(name, "_Vector_base<") ||
               name == "_M_allocate") {
      result.is_array = true;
    }
    if (result.type && name != "allocate") break;
  }
  if (result.type) return result;
  bool is_array = false;
  const std::string name = TypeAfterNew(line, &is_array);
  if (name.empty()) return result;
  result.type = index.TypeNamed(name);
  result.is_array = is_array;
  result.shown = name;
  result.words = absl::StrCat("new ", name, is_array ? "[]" : "");
  return result;
}

}  // namespace racelab::symbols
