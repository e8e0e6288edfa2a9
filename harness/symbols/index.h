// One pass over a module's DWARF: where its functions and variables are, and
// which types and scopes they belong to.

#ifndef RACELAB_SYMBOLS_INDEX_H_
#define RACELAB_SYMBOLS_INDEX_H_

#include <elfutils/libdw.h>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace racelab::symbols {

class Index {
 public:
  struct Function {
    uint64_t low = 0;  // file addresses, [low, high)
    uint64_t high = 0;
    Dwarf_Off die = 0;
  };
  struct Datum {
    uint64_t place = 0;  // file address, or offset in the TLS block
    uint64_t size = 0;
    Dwarf_Off die = 0;
  };

  // `dwarf` must outlive the index. Damaged parts are skipped.
  explicit Index(Dwarf* dwarf);

  const Function* FunctionAt(uint64_t address) const;
  const Datum* GlobalAt(uint64_t address) const;
  const Datum* ThreadLocalAt(uint64_t offset) const;

  // Inside namespace std or another library's?
  bool IsLibrary(Dwarf_Die die) const;

  // A complete type by its name, unqualified; not of a library.
  std::optional<Dwarf_Die> TypeNamed(absl::string_view name) const;

  // The namespace, class or function that a declaration stands in.
  std::optional<Dwarf_Die> Parent(Dwarf_Die die) const;

  // "Bank::deposit", "lambda in run", "total": with its classes, without its
  // namespaces unless they are a library's.
  std::string QualifiedName(Dwarf_Die die) const;

 private:
  void Visit(Dwarf_Die die, Dwarf_Off scope, bool library, int depth);
  void AddFunction(Dwarf_Die die);
  void AddVariable(Dwarf_Die die);

  Dwarf* const dwarf_;
  size_t visited_ = 0;
  Dwarf_Off last_ = 0;  // visited
  std::vector<Function> functions_;
  std::vector<Datum> globals_;
  std::vector<Datum> thread_locals_;
  std::vector<std::pair<Dwarf_Off, Dwarf_Off>> libraries_;  // [begin, end)
  std::unordered_map<std::string, Dwarf_Off> types_;
  std::unordered_map<Dwarf_Off, Dwarf_Off> parents_;
};

}  // namespace racelab::symbols

#endif  // RACELAB_SYMBOLS_INDEX_H_
