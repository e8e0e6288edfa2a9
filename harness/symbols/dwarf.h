// Careful reading of DWARF through libdw: every helper gives an empty answer
// where the information is missing, damaged or circular.

#ifndef RACELAB_SYMBOLS_DWARF_H_
#define RACELAB_SYMBOLS_DWARF_H_

#include <elfutils/libdw.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace racelab::symbols {

// Nesting beyond this is damage, not a program.
inline constexpr int kMaxDepth = 64;

// DW_AT_name, through specifications and abstract origins; "" if there is none.
absl::string_view NameOf(Dwarf_Die die);

// The DIE that attribute `attribute` of `die` refers to, followed through
// specifications and abstract origins.
std::optional<Dwarf_Die> ReferenceOf(Dwarf_Die die, unsigned attribute);

// As above, but of the DIE itself only.
std::optional<Dwarf_Die> OwnReferenceOf(Dwarf_Die die, unsigned attribute);

std::optional<uint64_t> UnsignedOf(Dwarf_Die die, unsigned attribute);
std::optional<int64_t> SignedOf(Dwarf_Die die, unsigned attribute);
bool FlagOf(Dwarf_Die die, unsigned attribute);

// DW_AT_type without typedefs, const, volatile, atomic, restrict.
std::optional<Dwarf_Die> TypeOf(Dwarf_Die die);
std::optional<Dwarf_Die> StripQualifiers(Dwarf_Die type);

// Bytes of a type (or of a variable's or member's type); 0: not known.
uint64_t SizeOf(Dwarf_Die type);

// Where the declaration that a specification or abstract origin leads to is:
// the DIE that knows its name and its class.
Dwarf_Die DeclarationOf(Dwarf_Die die);

// Calls `visit` with every child until it returns false.
void ForEachChild(Dwarf_Die die, const std::function<bool(Dwarf_Die)>& visit);

// The type that template parameter number `index` (types only) names.
std::optional<Dwarf_Die> TemplateType(Dwarf_Die die, int index);

// A location that is a plain address (true), or an offset into the thread's
// block (false).
struct StaticPlace {
  bool is_address = true;
  uint64_t value = 0;
};
std::optional<StaticPlace> StaticPlaceOf(Dwarf_Die variable);

// Where a local variable lies relative to a frame's rbp, if it is in memory at
// `pc` (or anywhere in its life, failing that).
std::optional<int64_t> OffsetFromFramePointer(Dwarf_Die function,
                                              Dwarf_Die variable, uint64_t pc);

}  // namespace racelab::symbols

#endif  // RACELAB_SYMBOLS_DWARF_H_
