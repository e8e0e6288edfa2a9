#include "symbols/index.h"

#include <dwarf.h>

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "symbols/dwarf.h"

namespace racelab::symbols {
namespace {

constexpr size_t kMaxDies = 20'000'000;

constexpr std::array<absl::string_view, 7> kLibraries = {
    "std", "__gnu_cxx", "__cxxabiv1", "testing", "absl", "labkit", "racelab"};

template <typename T>
const T* Containing(const std::vector<T>& sorted, uint64_t place,
                    uint64_t T::* begin, auto end) {
  auto it = std::upper_bound(
      sorted.begin(), sorted.end(), place,
      [&](uint64_t value, const T& item) { return value < item.*begin; });
  // Few entries overlap (a unit's copy of an inline function), so a short look
  // back suffices.
  for (int i = 0; i < 4 && it != sorted.begin(); ++i) {
    --it;
    if (place < end(*it)) return &*it;
  }
  return nullptr;
}

}  // namespace

Index::Index(Dwarf* dwarf) : dwarf_(dwarf) {
  Dwarf_CU* unit = nullptr;
  Dwarf_Die die;
  while (dwarf != nullptr && dwarf_get_units(dwarf, unit, &unit, nullptr,
                                             nullptr, &die, nullptr) == 0) {
    Visit(die, 0, false, 0);
  }
  // Types that were only declared in their units are known now.
  for (std::vector<Datum>* list : {&globals_, &thread_locals_}) {
    for (Datum& datum : *list) {
      if (datum.size != 0) continue;
      datum.size = 1;
      Dwarf_Die variable;
      if (dwarf_offdie(dwarf_, datum.die, &variable) == nullptr) continue;
      const std::optional<Dwarf_Die> type = TypeOf(variable);
      const auto full = type ? TypeNamed(NameOf(*type)) : std::nullopt;
      if (full) datum.size = std::max<uint64_t>(SizeOf(*full), 1);
    }
  }
  const auto by_place = [](const Datum& a, const Datum& b) {
    return std::pair(a.place, a.die) < std::pair(b.place, b.die);
  };
  std::sort(globals_.begin(), globals_.end(), by_place);
  std::sort(thread_locals_.begin(), thread_locals_.end(), by_place);
  std::sort(functions_.begin(), functions_.end(),
            [](const Function& a, const Function& b) {
              return std::pair(a.low, a.die) < std::pair(b.low, b.die);
            });
  std::sort(libraries_.begin(), libraries_.end());
}

void Index::AddFunction(Dwarf_Die die) {
  ptrdiff_t offset = 0;
  Dwarf_Addr base = 0;
  Dwarf_Addr begin = 0;
  Dwarf_Addr end = 0;
  const Dwarf_Off id = dwarf_dieoffset(&die);
  for (int i = 0; i < 1000; ++i) {
    offset = dwarf_ranges(&die, offset, &base, &begin, &end);
    if (offset <= 0) return;
    // The linker gives code that it dropped the address 0.
    if (begin != 0 && begin < end) functions_.push_back({begin, end, id});
  }
}

void Index::AddVariable(Dwarf_Die die) {
  const std::optional<StaticPlace> place = StaticPlaceOf(die);
  if (!place || (place->is_address && place->value == 0)) return;
  const std::optional<Dwarf_Die> type = TypeOf(die);
  const uint64_t size = type ? SizeOf(*type) : 0;
  auto& list = place->is_address ? globals_ : thread_locals_;
  list.push_back({place->value, size, dwarf_dieoffset(&die)});
}

void Index::Visit(Dwarf_Die die, Dwarf_Off scope, bool library, int depth) {
  if (depth > kMaxDepth || ++visited_ > kMaxDies) return;
  const Dwarf_Off id = dwarf_dieoffset(&die);
  last_ = id;
  Dwarf_Off inner = scope;
  bool outermost_library = false;
  switch (dwarf_tag(&die)) {
    case DW_TAG_compile_unit:
    case DW_TAG_partial_unit:
    case DW_TAG_lexical_block:
    case DW_TAG_inlined_subroutine:
      break;
    case DW_TAG_namespace: {
      const absl::string_view name = NameOf(die);
      if (!library && std::find(kLibraries.begin(), kLibraries.end(), name) !=
                          kLibraries.end()) {
        library = true;
        outermost_library = true;
      }
      parents_.emplace(id, scope);
      inner = id;
      break;
    }
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type:
    case DW_TAG_enumeration_type: {
      parents_.emplace(id, scope);
      const absl::string_view name = NameOf(die);
      if (!library && !name.empty() && !FlagOf(die, DW_AT_declaration)) {
        types_.emplace(name, id);
      }
      if (dwarf_tag(&die) == DW_TAG_enumeration_type) return;
      inner = id;
      break;
    }
    case DW_TAG_subprogram:
      parents_.emplace(id, scope);
      AddFunction(die);
      inner = id;
      break;
    case DW_TAG_variable:
      parents_.emplace(id, scope);
      AddVariable(die);
      return;
    case DW_TAG_member:  // a static one, in DWARF 4
      if (FlagOf(die, DW_AT_declaration)) parents_.emplace(id, scope);
      return;
    default:
      return;
  }
  ForEachChild(die, [&](Dwarf_Die child) {
    Visit(child, inner, library, depth + 1);
    return visited_ <= kMaxDies;
  });
  // DIEs come in depth-first order: all since `id` were inside.
  if (outermost_library) libraries_.emplace_back(id, last_ + 1);
}

const Index::Function* Index::FunctionAt(uint64_t address) const {
  return Containing(functions_, address, &Function::low,
                    [](const Function& f) { return f.high; });
}

const Index::Datum* Index::GlobalAt(uint64_t address) const {
  return Containing(globals_, address, &Datum::place,
                    [](const Datum& d) { return d.place + d.size; });
}

const Index::Datum* Index::ThreadLocalAt(uint64_t offset) const {
  return Containing(thread_locals_, offset, &Datum::place,
                    [](const Datum& d) { return d.place + d.size; });
}

bool Index::IsLibrary(Dwarf_Die die) const {
  const Dwarf_Off id = dwarf_dieoffset(&die);
  auto it = std::upper_bound(libraries_.begin(), libraries_.end(),
                             std::pair(id, ~Dwarf_Off{0}));
  return it != libraries_.begin() && id < std::prev(it)->second;
}

std::optional<Dwarf_Die> Index::TypeNamed(absl::string_view name) const {
  const auto it = types_.find(std::string(name));
  Dwarf_Die die;
  if (it == types_.end() || dwarf_offdie(dwarf_, it->second, &die) == nullptr) {
    return std::nullopt;
  }
  return die;
}

std::optional<Dwarf_Die> Index::Parent(Dwarf_Die die) const {
  Dwarf_Die declaration = DeclarationOf(die);
  const auto it = parents_.find(dwarf_dieoffset(&declaration));
  Dwarf_Die parent;
  if (it == parents_.end() || it->second == 0 ||
      dwarf_offdie(dwarf_, it->second, &parent) == nullptr) {
    return std::nullopt;
  }
  return parent;
}

std::string Index::QualifiedName(Dwarf_Die die) const {
  std::string name(NameOf(die));
  // CONCURRENT_TEST(Suite, Name) is the function Suite_Name_RacelabBody.
  if (absl::string_view test = name;
      absl::ConsumeSuffix(&test, "_RacelabBody")) {
    name = std::string(test);
    if (const size_t at = name.find('_'); at != name.npos) name[at] = '.';
    return name;
  }
  std::optional<Dwarf_Die> parent = Parent(die);
  for (int depth = 0; parent && depth < kMaxDepth; ++depth) {
    const absl::string_view outer = NameOf(*parent);
    const int tag = dwarf_tag(&*parent);
    if (tag == DW_TAG_subprogram) {
      // A local class, or a lambda's.
      if (absl::StartsWith(name, "operator()") ||
          absl::StartsWith(name, "lambda")) {
        return absl::StrCat("lambda in ", QualifiedName(*parent));
      }
      return name;
    }
    if (tag == DW_TAG_namespace) {
      // The lab's own is where the student's code lives anyway.
      if (!outer.empty() && IsLibrary(*parent)) {
        name = absl::StrCat(outer, "::", name);
      }
    } else if (outer.empty() || absl::StartsWith(outer, "<lambda") ||
               absl::StrContains(outer, "lambda")) {
      name = "lambda";
    } else {
      // GoogleTest's TEST(Suite, Name) is the class Suite_Name_Test.
      absl::string_view test = outer;
      if (name == "TestBody" && absl::ConsumeSuffix(&test, "_Test")) {
        return absl::StrReplaceAll(test, {{"_", "."}});
      }
      name = absl::StrCat(outer, "::", name);
    }
    parent = Parent(*parent);
  }
  return name;
}

}  // namespace racelab::symbols
