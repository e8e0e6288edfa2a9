// Which part of an object some of its bytes are: "[1].balance", by walking the
// object's DWARF type.

#ifndef RACELAB_SYMBOLS_PATH_H_
#define RACELAB_SYMBOLS_PATH_H_

#include <elfutils/libdw.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "symbols/symbols.h"

namespace racelab::symbols {

// What the walk must know of the rest of the module.
struct TypeContext {
  // Is the type the C++ library's own (namespace std, …)?
  std::function<bool(Dwarf_Die)> is_library;
  // A complete definition for a type that is only declared in its unit.
  std::function<std::optional<Dwarf_Die>(Dwarf_Die)> definition;
};

struct Part {
  std::string path;  // to be put behind the object's name; may be empty
  std::string type;  // of the part: "long", "mutex"
  ValueType value;
  uint64_t type_id = 0;  // of the part: its DIE
  uint64_t offset = 0;   // of the bytes asked for, in the part
};

// The part [offset, offset+size) of an object of type `type`. Types of the
// library are leaves: a mutex, a string, an atomic is what the student
// declared, not what it is made of. std::array, pair, tuple, optional show
// their elements.
Part PartOf(const TypeContext& context, Dwarf_Die type, uint64_t offset,
            uint64_t size);

// How an object of this type reads as a value.
ValueType ValueTypeOf(Dwarf_Die type);

// "Account", "Account *", "std::vector<int>": for people. Default template
// arguments of the library are left out.
std::string TypeName(Dwarf_Die type);

}  // namespace racelab::symbols

#endif  // RACELAB_SYMBOLS_PATH_H_
