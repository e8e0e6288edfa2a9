// Addresses of a child → the student's lines and names, asked in the parent.
//
// Thread safety: none; one user.

#ifndef RACELAB_RUNTIMES_COMMON_PLACES_H_
#define RACELAB_RUNTIMES_COMMON_PLACES_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtimes/common/blackboard.h"
#include "symbols/symbols.h"
#include "verdict/verdict.h"

namespace racelab::runtimes {

class Places {
 public:
  // Nothing is read before the first question. A module that cannot be read
  // gives poorer answers, no error. `source_root`: the lab's folder, for what a
  // source line says (the type behind a `new`).
  Places(std::string module, std::string source_root, const Blackboard& board);
  ~Places();

  // The student's and the scenario's frames of a stack of return addresses;
  // empty if none is theirs.
  std::vector<verdict::SourceLocation> Own(std::span<const uintptr_t> stack);

  // Is the instruction before a return address one of libstdc++'s
  // std::atomic<std::shared_ptr>? Its load() reads the pointer and gives its
  // lock back with relaxed order: a race by the letter, and no student's fault.
  bool InAtomicSharedPtr(uintptr_t return_address);

  // Does the address lie in the module?
  bool InModule(uintptr_t address) const;

  // A global or function static there; empty name if there is none.
  symbols::Variable Global(uintptr_t address, size_t size);
  symbols::Variable Heap(std::span<const uintptr_t> allocated_at,
                         size_t block_size, size_t offset, size_t size);

 private:
  symbols::Module* module();
  std::vector<uintptr_t> ToFile(std::span<const uintptr_t> stack) const;

  std::string path_;
  std::string source_root_;
  const Blackboard& board_;
  std::unique_ptr<symbols::Module> module_;
  bool opened_ = false;
};

// "main", "T1", …
std::string ThreadName(uint32_t index);

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_PLACES_H_
