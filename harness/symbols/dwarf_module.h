// A module's names and types, read from its DWARF: what symbols.h promises.
//
// dwarf_module.cc answers what variable lies where; module.cc opens files.

#ifndef RACELAB_SYMBOLS_DWARF_MODULE_H_
#define RACELAB_SYMBOLS_DWARF_MODULE_H_

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "symbols/dwarf.h"
#include "symbols/index.h"
#include "symbols/lines.h"
#include "symbols/path.h"
#include "symbols/symbol_table.h"
#include "symbols/symbols.h"

namespace racelab::symbols {

class DwarfModule final : public Module {
 public:
  DwarfModule(int fd, Elf* elf, uintptr_t bias, ModuleOptions options)
      : fd_(fd), elf_(elf), bias_(bias), options_(std::move(options)) {
    size_t count = 0;
    if (elf_getphdrnum(elf_, &count) != 0) return;
    for (size_t i = 0; i < count; ++i) {
      GElf_Phdr header;
      if (gelf_getphdr(elf_, static_cast<int>(i), &header) != nullptr &&
          header.p_type == PT_LOAD) {
        segments_.emplace_back(header.p_vaddr, header.p_vaddr + header.p_memsz);
      }
    }
  }

  ~DwarfModule() override {
    if (dwarf_ != nullptr) dwarf_end(dwarf_);
    elf_end(elf_);
    close(fd_);
  }

  DwarfModule(const DwarfModule&) = delete;
  DwarfModule& operator=(const DwarfModule&) = delete;

  bool Contains(uintptr_t address) const override {
    const uint64_t place = address - bias_;
    return address >= bias_ &&
           std::any_of(segments_.begin(), segments_.end(), [&](const auto& s) {
             return s.first <= place && place < s.second;
           });
  }

  std::vector<verdict::SourceLocation> Frames(uintptr_t pc) const override {
    if (!Contains(pc)) return {};
    const auto [it, fresh] = frames_.try_emplace(pc);
    if (fresh) it->second = ComputeFrames(pc - bias_);
    return it->second;
  }

  std::optional<Function> FunctionAt(uintptr_t pc) const override {
    if (!Contains(pc)) return std::nullopt;
    const Index::Function* function = index().FunctionAt(pc - bias_);
    Dwarf_Die die;
    if (function == nullptr ||
        dwarf_offdie(dwarf(), function->die, &die) == nullptr) {
      return std::nullopt;
    }
    Function result;
    result.begin = function->low + bias_;
    result.end = function->high + bias_;
    result.declared = DeclaredAt(die);
    result.declared.function = index().QualifiedName(die);
    return result;
  }

  std::vector<verdict::SourceLocation> OwnFrames(
      std::span<const uintptr_t> stack) const override {
    std::vector<verdict::SourceLocation> result;
    for (const uintptr_t address : stack) {
      for (verdict::SourceLocation& frame : Frames(address - 1)) {
        if (IsOwn(frame.file)) result.push_back(std::move(frame));
      }
    }
    return result;
  }

  bool IsOwn(std::string_view file) const override {
    return std::any_of(options_.own_files.begin(), options_.own_files.end(),
                       [&](const std::string& own) {
                         return own.ends_with('/') ? file.starts_with(own)
                                                   : file == own;
                       });
  }

  std::optional<Variable> Global(uintptr_t address,
                                 size_t size) const override {
    if (!Contains(address)) return std::nullopt;
    const uint64_t place = address - bias_;
    if (const Index::Datum* datum = index().GlobalAt(place)) {
      return Describe(*datum, place, size, "global");
    }
    return symbol_table().VariableAt(place, /*is_thread_local=*/false);
  }

  std::optional<Variable> ThreadLocal(uintptr_t offset,
                                      size_t size) const override {
    if (const Index::Datum* datum = index().ThreadLocalAt(offset)) {
      return Describe(*datum, offset, size, "thread_local");
    }
    return symbol_table().VariableAt(offset, /*is_thread_local=*/true);
  }

  Variable Heap(std::span<const uintptr_t> allocated_at, size_t block_size,
                size_t offset, size_t size) const override;

  std::optional<Variable> Pointee(const Variable& handle, size_t offset,
                                  size_t size,
                                  size_t block_size) const override;

  std::optional<Variable> Local(
      uintptr_t address, size_t size,
      std::span<const StackFrame> frames) const override;

  std::string OnlyLocal(uintptr_t address, std::string_view type,
                        std::span<const StackFrame> frames) const override;

  std::optional<Variable> MemberAccessed(std::span<const uintptr_t> stack,
                                         size_t size) const override;

 private:
  const Index& index() const {
    if (index_ == nullptr) index_ = std::make_unique<Index>(dwarf());
    return *index_;
  }

  const SymbolTable& symbol_table() const {
    if (symbol_table_ == nullptr) {
      symbol_table_ = std::make_unique<SymbolTable>(elf_);
    }
    return *symbol_table_;
  }

  Dwarf* dwarf() const {
    if (!dwarf_tried_) {
      dwarf_tried_ = true;
      dwarf_ = dwarf_begin_elf(elf_, DWARF_C_READ, nullptr);
    }
    return dwarf_;
  }

  TypeContext Types() const {
    return {
        .is_library =
            [this](Dwarf_Die die) {
              return index().IsLibrary(die) ||
                     absl::StartsWith(NameOf(die), "__");
            },
        .definition =
            [this](Dwarf_Die die) { return index().TypeNamed(NameOf(die)); }};
  }

  // The function at a file address, then what is inlined there, outermost
  // first.
  std::vector<Dwarf_Die> Chain(uint64_t place) const {
    const Index::Function* function = index().FunctionAt(place);
    Dwarf_Die die;
    if (function == nullptr ||
        dwarf_offdie(dwarf(), function->die, &die) == nullptr) {
      return {};
    }
    return InlinedAt(die, place);
  }

  std::vector<verdict::SourceLocation> ComputeFrames(uint64_t place) const {
    const std::vector<Dwarf_Die> chain = Chain(place);
    if (chain.empty()) return {};
    Dwarf_Die unit;
    Dwarf_Die function = chain.front();
    if (dwarf_diecu(&function, &unit, nullptr, nullptr) == nullptr) return {};
    std::vector<verdict::SourceLocation> result;
    verdict::SourceLocation where =
        LineAt(unit, place, index().FunctionAt(place)->low);
    for (size_t i = chain.size(); i-- > 0;) {
      where.function = index().QualifiedName(chain[i]);
      result.push_back(where);
      if (i > 0) where = CallSite(chain[i]);
    }
    return result;
  }

  static void Put(Part part, Variable* to) {
    absl::StrAppend(&to->name, part.path);
    absl::StrAppend(&to->path, part.path);
    to->part_type = std::move(part.type);
    to->value = std::move(part.value);
    to->part_id = part.type_id;
    to->part_offset = part.offset;
  }

  // A type as its definition, where the unit has only a declaration of it:
  // clang defines a class in the unit that has its constructor.
  Dwarf_Die Complete(Dwarf_Die type) const {
    const std::optional<Dwarf_Die> stripped = StripQualifiers(type);
    if (!stripped || !FlagOf(*stripped, DW_AT_declaration)) return type;
    return index().TypeNamed(NameOf(*stripped)).value_or(type);
  }

  std::optional<Variable> Describe(const Index::Datum& datum, uint64_t place,
                                   size_t size, std::string origin) const {
    Dwarf_Die die;
    if (dwarf_offdie(dwarf(), datum.die, &die) == nullptr) return std::nullopt;
    Variable result;
    result.name = index().QualifiedName(die);
    if (result.name.empty()) return std::nullopt;
    result.origin = std::move(origin);
    if (const auto parent = index().Parent(die)) {
      Dwarf_Die scope = *parent;
      if (dwarf_tag(&scope) == DW_TAG_subprogram) {
        result.origin =
            absl::StrCat("static in ", index().QualifiedName(scope), "()");
      }
    }
    result.declared = DeclaredAt(die);
    if (const auto type = ReferenceOf(die, DW_AT_type)) {
      result.type = TypeName(*type);
      Put(PartOf(Types(), *type, place - datum.place, size), &result);
    }
    return result;
  }

  const int fd_;
  Elf* const elf_;
  const uintptr_t bias_;
  const ModuleOptions options_;
  std::vector<std::pair<uint64_t, uint64_t>> segments_;
  // Made at the first question, hence mutable; one user at a time.
  mutable bool dwarf_tried_ = false;
  mutable Dwarf* dwarf_ = nullptr;
  mutable std::unique_ptr<Index> index_;
  mutable std::unordered_map<uintptr_t, std::vector<verdict::SourceLocation>>
      frames_;
  mutable std::unique_ptr<SymbolTable> symbol_table_;
};

}  // namespace racelab::symbols

#endif  // RACELAB_SYMBOLS_DWARF_MODULE_H_
