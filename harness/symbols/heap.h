// What a heap block holds, from the calls that led to its allocation.

#ifndef RACELAB_SYMBOLS_HEAP_H_
#define RACELAB_SYMBOLS_HEAP_H_

#include <elfutils/libdw.h>

#include <optional>
#include <span>
#include <string>

#include "absl/strings/string_view.h"
#include "symbols/index.h"

namespace racelab::symbols {

struct Allocation {
  std::optional<Dwarf_Die> type;  // of an element; nullopt: not known
  std::string shown;              // "Account"
  std::string words;              // "new Account[]", "make_unique Account"
  bool is_array = false;
};

// `calls`: the functions on the stack, innermost first, inlined ones included.
// std::allocator<T> says what it allocates; a plain `new` is read off the
// source line, `line`.
Allocation AllocationOf(const Index& index, std::span<const Dwarf_Die> calls,
                        absl::string_view line);

}  // namespace racelab::symbols

#endif  // RACELAB_SYMBOLS_HEAP_H_
