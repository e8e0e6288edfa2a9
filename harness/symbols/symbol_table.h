// What the ELF symbol table knows of data: names without types, for objects
// that have no debug information.

#ifndef RACELAB_SYMBOLS_SYMBOL_TABLE_H_
#define RACELAB_SYMBOLS_SYMBOL_TABLE_H_

#include <libelf.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "symbols/symbols.h"

namespace racelab::symbols {

class SymbolTable {
 public:
  // Reads both tables (.symtab, .dynsym) of `elf`. Damaged parts are skipped.
  explicit SymbolTable(Elf* elf);

  // The variable at a file address, or, with `is_thread_local`, at an offset in
  // the thread's block: its demangled name, " + N" behind it where `place` is
  // not its beginning.
  std::optional<Variable> VariableAt(uint64_t place,
                                     bool is_thread_local) const;

 private:
  struct Datum {
    uint64_t address = 0;
    uint64_t size = 0;
    bool is_thread_local = false;
    std::string name;
  };
  std::vector<Datum> data_;
};

}  // namespace racelab::symbols

#endif  // RACELAB_SYMBOLS_SYMBOL_TABLE_H_
