#include "symbols/dwarf_module.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "symbols/dwarf.h"
#include "symbols/heap.h"
#include "symbols/index.h"
#include "symbols/path.h"
#include "symbols/symbols.h"

namespace racelab::symbols {
namespace {

using verdict::SourceLocation;

// Is `word` in `line` as a whole identifier?
bool HasWord(absl::string_view line, absl::string_view word) {
  const auto is_word = [](char c) {
    return absl::ascii_isalnum(c) || c == '_';
  };
  if (word.empty()) return false;
  for (size_t at = line.find(word); at != line.npos;
       at = line.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !is_word(line[at - 1])) &&
        (end == line.size() || !is_word(line[end]))) {
      return true;
    }
  }
  return false;
}

}  // namespace

Variable DwarfModule::Heap(std::span<const uintptr_t> allocated_at,
                           size_t block_size, size_t offset,
                           size_t size) const {
  // Innermost first, each with what is inlined there.
  std::vector<Dwarf_Die> calls;
  for (const uintptr_t address : allocated_at) {
    if (!Contains(address - 1)) continue;
    std::vector<Dwarf_Die> chain = Chain(address - 1 - bias_);
    calls.insert(calls.end(), chain.rbegin(), chain.rend());
  }
  const std::vector<SourceLocation> own = OwnFrames(allocated_at);
  const SourceLocation site = own.empty() ? SourceLocation() : own.front();
  const Allocation allocation = AllocationOf(
      index(), calls, SourceText(options_.source_root, site.file, site.line));

  Variable result;
  result.origin = absl::StrCat(
      "heap, ", block_size, block_size == 1 ? " byte" : " bytes",
      site.file.empty() ? std::string()
                        : absl::StrCat(" from ", site.file, ":", site.line));
  result.declared = site;
  if (!allocation.type) {
    result.name = site.file.empty()
                      ? absl::StrCat("heap block of ", block_size, " bytes")
                      : absl::StrCat("heap block from ",
                                     site.file.substr(site.file.rfind('/') + 1),
                                     ":", site.line);
    if (offset > 0) result.path = absl::StrCat(" + ", offset);
    absl::StrAppend(&result.name, result.path);
    return result;
  }
  absl::StrAppend(&result.origin, " (", allocation.words, ")");
  result.type = allocation.shown;
  result.name = allocation.shown;
  const Dwarf_Die type = Complete(*allocation.type);
  const uint64_t element = SizeOf(type);
  uint64_t inner = offset;
  if (element > 0 && (block_size > element || allocation.is_array)) {
    result.path = absl::StrCat("[", offset / element, "]");
    result.name += result.path;
    inner = offset % element;
  }
  Put(PartOf(Types(), type, inner, size), &result);
  return result;
}

std::optional<Variable> DwarfModule::Pointee(const Variable& handle,
                                             size_t offset, size_t size,
                                             size_t block_size) const {
  Dwarf_Die holder;
  // The library's begin with the address; a vector's end, a shared_ptr's
  // counts lie behind it.
  if (handle.part_id == 0 || handle.part_offset != 0 || dwarf() == nullptr ||
      dwarf_offdie(dwarf(), handle.part_id, &holder) == nullptr) {
    return std::nullopt;
  }
  const std::optional<Dwarf_Die> stripped = StripQualifiers(holder);
  if (!stripped) return std::nullopt;
  Dwarf_Die type = *stripped;
  std::optional<Dwarf_Die> target;
  bool subscripts = false;
  switch (dwarf_tag(&type)) {
    case DW_TAG_pointer_type:
    case DW_TAG_reference_type:
    case DW_TAG_rvalue_reference_type:
      target = TypeOf(type);
      break;
    case DW_TAG_structure_type:
    case DW_TAG_class_type: {
      if (!index().IsLibrary(type)) return std::nullopt;
      const absl::string_view name = NameOf(type);
      const absl::string_view kind = name.substr(0, name.find('<'));
      if (kind == "basic_string" || kind == "string") {
        Variable result = handle;  // its characters: the whole, to a student
        result.value = {};
        return result;
      }
      if (kind != "unique_ptr" && kind != "shared_ptr" && kind != "weak_ptr" &&
          kind != "vector") {
        return std::nullopt;
      }
      target = TemplateType(type, 0);
      subscripts = kind == "vector";
      if (target && dwarf_tag(&*target) == DW_TAG_array_type) {
        target = TypeOf(*target);
        subscripts = true;
      }
      break;
    }
    default:
      return std::nullopt;
  }
  if (!target) return std::nullopt;
  const Dwarf_Die element = Complete(*target);
  const uint64_t length = SizeOf(element);
  if (length == 0 || length > block_size) return std::nullopt;
  // A pointer to the first of several.
  if (offset >= length) subscripts = true;
  Variable result;
  result.declared = handle.declared;
  result.type = TypeName(element);
  const Part part =
      PartOf(Types(), element, subscripts ? offset % length : offset, size);
  if (subscripts) {
    result.name = absl::StrCat(handle.name, "[", offset / length, "]");
  } else if (absl::StartsWith(part.path, ".")) {
    result.name = absl::StrCat(handle.name, "->");
  } else {
    result.name = absl::StrCat("*", handle.name);
    if (!part.path.empty()) result.name = absl::StrCat("(", result.name, ")");
  }
  Put(part, &result);
  if (const size_t at = result.name.find("->."); at != std::string::npos) {
    result.name.erase(at + 2, 1);
  }
  return result;
}

std::optional<Variable> DwarfModule::MemberAccessed(
    std::span<const uintptr_t> stack, size_t size) const {
  bool in_library = false;
  for (const uintptr_t address : stack) {
    if (!Contains(address - 1)) continue;
    const std::vector<SourceLocation> frames = Frames(address - 1);
    const std::vector<Dwarf_Die> chain = Chain(address - 1 - bias_);
    if (frames.size() != chain.size()) continue;
    for (size_t i = 0; i < frames.size(); ++i) {
      if (!IsOwn(frames[i].file)) {
        in_library = true;
        continue;
      }
      // Frames are innermost first, the chain is outermost first.
      const auto parent = index().Parent(chain[chain.size() - 1 - i]);
      if (!parent || index().IsLibrary(*parent)) return std::nullopt;
      Dwarf_Die record = *parent;
      const int tag = dwarf_tag(&record);
      record = Complete(record);
      if (tag != DW_TAG_class_type && tag != DW_TAG_structure_type) {
        return std::nullopt;
      }
      const std::string line =
          SourceText(options_.source_root, frames[i].file, frames[i].line);
      std::vector<Dwarf_Die> candidates;
      ForEachChild(record, [&](Dwarf_Die child) {
        if (dwarf_tag(&child) != DW_TAG_member ||
            !HasWord(line, NameOf(child))) {
          return true;
        }
        const auto type = TypeOf(child);
        if (!type) return true;
        const bool is_whole = size == 0 || SizeOf(*type) == size;
        const bool is_part =
            in_library && index().IsLibrary(*type) && SizeOf(*type) >= size;
        if (is_whole || is_part) candidates.push_back(child);
        return true;
      });
      if (candidates.size() != 1) return std::nullopt;
      Variable result;
      result.name = absl::StrCat(NameOf(record), "::", NameOf(candidates[0]));
      result.type = std::string(NameOf(record));
      result.declared = DeclaredAt(candidates[0]);
      if (const auto type = ReferenceOf(candidates[0], DW_AT_type)) {
        Part part = PartOf(Types(), *type, 0, size);
        part.path.clear();
        Put(std::move(part), &result);
      }
      return result;
    }
  }
  return std::nullopt;
}

std::string DwarfModule::OnlyLocal(uintptr_t address, std::string_view type,
                                   std::span<const StackFrame> frames) const {
  const auto frame = std::find_if(
      frames.begin(), frames.end(),
      [&](const StackFrame& f) { return address < f.frame_pointer; });
  if (type.empty() || frame == frames.end() || !Contains(frame->pc - 1)) {
    return "";
  }
  const std::vector<Dwarf_Die> chain = Chain(frame->pc - 1 - bias_);
  if (chain.empty()) return "";
  std::vector<std::string> names;
  const std::function<void(Dwarf_Die, int)> search = [&](Dwarf_Die scope,
                                                         int depth) {
    if (depth > kMaxDepth) return;
    ForEachChild(scope, [&](Dwarf_Die child) {
      if (dwarf_tag(&child) == DW_TAG_lexical_block) {
        search(child, depth + 1);
      } else if (dwarf_tag(&child) == DW_TAG_variable) {
        const auto of = TypeOf(child);
        if (of && NameOf(*of) == absl::string_view(type.data(), type.size()) &&
            IsOwn(DeclaredAt(child).file)) {
          names.emplace_back(NameOf(child));
        }
      }
      return true;
    });
  };
  search(chain.front(), 0);
  return names.size() == 1 ? names.front() : "";
}

std::optional<Variable> DwarfModule::Local(
    uintptr_t address, size_t size, std::span<const StackFrame> frames) const {
  // Frames grow upwards: the first whose rbp lies above the address holds it.
  const auto frame = std::find_if(
      frames.begin(), frames.end(),
      [&](const StackFrame& f) { return address < f.frame_pointer; });
  if (frame == frames.end() || !Contains(frame->pc - 1)) return std::nullopt;
  const uint64_t place = frame->pc - 1 - bias_;
  const std::vector<Dwarf_Die> chain = Chain(place);
  if (chain.empty()) return std::nullopt;
  const Dwarf_Die function = chain.front();
  const auto offset = static_cast<int64_t>(address - frame->frame_pointer);

  // Every variable in memory below `scope`; those whose scope is running now
  // are visited last and win.
  std::optional<Dwarf_Die> found;
  int64_t found_offset = 0;
  const std::function<void(Dwarf_Die, int)> search = [&](Dwarf_Die scope,
                                                         int depth) {
    if (depth > kMaxDepth) return;
    std::vector<Dwarf_Die> running;
    ForEachChild(scope, [&](Dwarf_Die child) {
      const int tag = dwarf_tag(&child);
      if (tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine) {
        if (dwarf_haspc(&child, place) == 1) {
          running.push_back(child);
        } else {
          search(child, depth + 1);
        }
      } else if (tag == DW_TAG_variable || tag == DW_TAG_formal_parameter) {
        const auto at = OffsetFromFramePointer(function, child, place);
        const auto type = TypeOf(child);
        // The library's, inlined here, are not a student's business.
        if (at && type && !NameOf(child).empty() &&
            IsOwn(DeclaredAt(child).file) && *at <= offset &&
            offset < *at + static_cast<int64_t>(SizeOf(Complete(*type)))) {
          found = child;
          found_offset = *at;
        }
      }
      return true;
    });
    for (const Dwarf_Die& block : running) search(block, depth + 1);
  };
  search(function, 0);

  Variable result;
  result.origin =
      absl::StrCat("local of ", index().QualifiedName(function), "()");
  if (!found) {
    result.name =
        absl::StrCat("a local of ", index().QualifiedName(function), "()");
    return result;
  }
  result.name = std::string(NameOf(*found));
  result.declared = DeclaredAt(*found);
  if (const auto type = ReferenceOf(*found, DW_AT_type)) {
    result.type = TypeName(*type);
    Put(PartOf(Types(), *type, static_cast<uint64_t>(offset - found_offset),
               size),
        &result);
  }
  return result;
}

}  // namespace racelab::symbols
