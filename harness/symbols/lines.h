// From code addresses and DIEs to places in the source: the line table, the
// functions inlined at an address, and where things are declared or called.

#ifndef RACELAB_SYMBOLS_LINES_H_
#define RACELAB_SYMBOLS_LINES_H_

#include <elfutils/libdw.h>

#include <cstdint>
#include <vector>

#include "verdict/verdict.h"

namespace racelab::symbols {

// The line table's row for a file address of `unit`. A row without a line
// (compiler made) takes the nearest line before it in the same function, which
// begins at `low`. Everything that is not known stays empty or 0.
verdict::SourceLocation LineAt(Dwarf_Die unit, uint64_t place, uint64_t low);

// Where an inlined call stands, and where a variable, member or function is
// declared.
verdict::SourceLocation CallSite(Dwarf_Die inlined);
verdict::SourceLocation DeclaredAt(Dwarf_Die die);

// `function`, then what is inlined at the file address in it, outermost first.
std::vector<Dwarf_Die> InlinedAt(Dwarf_Die function, uint64_t place);

}  // namespace racelab::symbols

#endif  // RACELAB_SYMBOLS_LINES_H_
