// Addresses and threads of one execution → what a student calls them.
//
// What lies on the heap is named through the variable that holds its address
// ("bank.accounts[1].balance", "gate.state_->open"): one that owns it rather
// than one that only points there, one that held it at the end rather than one
// that once did. Failing that, by its type and a number ("Account#1.balance"),
// which the legend explains.

#ifndef RACELAB_RUNTIMES_MODEL_TRACE_NAMES_H_
#define RACELAB_RUNTIMES_MODEL_TRACE_NAMES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtimes/model/event.h"
#include "symbols/symbols.h"
#include "verdict/verdict.h"

namespace racelab::model {

class Names {
 public:
  // Both must outlive it.
  Names(const EventLog& log, const symbols::Module& module)
      : log_(log), module_(module) {}

  // "main", "T1", "T2", …
  static std::string Thread(ThreadId thread);

  // The variable at [address, address+size); an address that nothing is known
  // of is its own name.
  const symbols::Variable& Variable(uintptr_t address, size_t size);

  // "mutex", "condition variable", "semaphore", …; "" for what is none.
  std::string SyncKind(uintptr_t address);
  // "mutex bank.lock_".
  std::string SyncName(uintptr_t address);

  // A value of a variable's type; pointers to what has a name say so.
  std::string ValueText(const symbols::Variable& variable, Value value);

  // What the numbered names stand for: "Account#1" → "allocated by main at
  // bank.cc:6".
  const std::map<std::string, std::string>& legend() const { return legend_; }

  // The newest heap block that holds the address, or null.
  const HeapBlock* Block(uintptr_t address) const;
  // Where it was allocated and freed: the whole call stacks, which the log's
  // events know; what the block knows itself, failing that.
  std::vector<uintptr_t> AllocatedAt(const HeapBlock& block) const;
  std::vector<uintptr_t> FreedAt(const HeapBlock& block) const;

  // The frames of a stack that are the student's or the scenario's.
  std::vector<verdict::SourceLocation> Own(
      const std::vector<uintptr_t>& stack) const {
    return module_.OwnFrames(stack);
  }
  // The library function that the student's innermost line calls, without its
  // scopes and template arguments: "push_back"; "" if the access is in the line
  // itself.
  std::string LibraryCall(const std::vector<uintptr_t>& stack) const;

 private:
  symbols::Variable Lookup(uintptr_t address, size_t size);
  // Through the variable that holds the address of the block.
  std::optional<symbols::Variable> Through(const HeapBlock& block,
                                           uintptr_t address, size_t size);
  // The object of Abseil's behind which the block stands.
  std::optional<symbols::Variable> InFront(const HeapBlock& block);
  symbols::Variable Numbered(const HeapBlock& block, symbols::Variable plain);
  // As the lines that use the address call it, if they agree.
  std::optional<symbols::Variable> Member(uintptr_t address) const;
  const Event* Last(EventKind kind, uintptr_t object) const;

  struct Holder {
    uintptr_t at = 0;
    uintptr_t to = 0;
    const Event* written = nullptr;  // by this; null: held at the end
  };
  std::vector<symbols::StackFrame> Frames(size_t thread) const;
  symbols::Variable HolderName(const Holder& holder);
  // A variable on the stack, by the frames at the end; with `when`, as the
  // thread's functions stood at that event of theirs.
  std::optional<symbols::Variable> Local(ThreadId thread, uintptr_t address,
                                         size_t size, const Event* when) const;
  // The words that hold, or held, an address in the block.
  std::vector<Holder> HoldersOf(const HeapBlock& block) const;

  const EventLog& log_;
  const symbols::Module& module_;
  std::map<std::pair<uintptr_t, size_t>, symbols::Variable> variables_;
  // By block: the one that its parts are named through, or none.
  struct Owner {
    symbols::Variable variable;
    uintptr_t to = 0;
  };
  std::map<uintptr_t, std::optional<Owner>> owners_;
  std::set<uintptr_t> looking_;  // blocks whose owner is being looked for
  std::map<uintptr_t, std::string> numbers_;  // by block: "Account#1"
  std::map<std::string, int> counts_;         // by type
  std::map<std::string, std::string> legend_;
};

// "student/bank.cc:12" → "bank.cc:12"; "line 12" would not say which file.
std::string Short(const verdict::SourceLocation& location);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_TRACE_NAMES_H_
