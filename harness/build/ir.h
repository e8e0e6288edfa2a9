// A translation unit as LLVM's text form shows it after optimization and before
// code is made from it: what was really compiled, whatever the source looked
// like through its macros. Only what inspect.h asks for is kept.
//
// The text was written by the compiler, so its form can be trusted; names and
// strings in it are the student's. They are quoted and escaped there, and
// nothing inside quotes is taken for syntax here.
//
// Thread safety: values.

#ifndef RACELAB_BUILD_IR_H_
#define RACELAB_BUILD_IR_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "verdict/verdict.h"

namespace racelab::build {

// One instruction that names functions or variables, or that has no name but
// matters: inline assembly, an atomic operation.
struct IrUse {
  std::vector<std::string> names;  // without '@'
  int location = -1;               // metadata number of its DILocation
  bool inline_asm = false;
  bool atomic = false;
  bool other_address_space = false;
  // The bytes of a load or store, of memory that need not be the function's
  // own, that -fsanitize=thread leaves alone because of its size: a long double
  // or a vector of 32 bytes. 0: nothing of the kind.
  int unwatched_bytes = 0;
  // The size of the object that one of libatomic's generic functions is called
  // for. 0: none is, or the size is not known.
  int generic_atomic_bytes = 0;
  // Intrinsics that it leaves alone: va_copy, masked vectors.
  bool unwatched_copy = false;
};

struct IrFunction {
  std::string name;
  std::string linkage;          // "internal", "linkonce_odr", … or "external"
  int subprogram = -1;          // metadata number
  bool sanitized = false;       // carries sanitize_thread
  bool touches_memory = false;  // plain loads, stores, copies
  bool has_section = false;
  bool formats = false;  // calls vsnprintf() or the like, or has a "..."
  std::vector<IrUse> uses;
  // Pointers, by name, and what they were made from; of a local, nothing.
  std::unordered_map<std::string, std::vector<std::string>> pointers;
};

struct IrGlobal {
  enum class Kind { kVariable, kAlias, kIfunc };
  std::string name;
  std::string linkage;
  Kind kind = Kind::kVariable;
  bool defined = true;
  bool has_section = false;
  std::vector<std::string> names;  // in its initializer
};

// A frame of a source location, innermost first.
struct IrFrame {
  std::string file;  // "student/counter.cc", "/usr/include/…"
  int line = 0;
  std::string function;  // its linkage name, or its name
};

class IrModule {
 public:
  // `text` must outlive the module.
  static IrModule Parse(std::string_view text);

  const std::vector<IrFunction>& functions() const { return functions_; }
  const std::vector<IrGlobal>& globals() const { return globals_; }
  // Functions that are only declared, intrinsics left out.
  const std::set<std::string>& declared() const { return declared_; }
  bool module_asm() const { return module_asm_; }
  // Functions that run before main, with priorities other than the usual one.
  const std::vector<std::string>& early_constructors() const {
    return early_constructors_;
  }

  // Where an instruction comes from, through what was inlined.
  std::vector<IrFrame> Frames(int location) const;
  // Where a function is written.
  IrFrame Place(const IrFunction& function) const;

 private:
  void ReadGlobal(std::string_view line);
  void ReadFunction(std::string_view header);
  void ReadInstruction(std::string_view line, IrFunction& function);
  std::string_view Metadata(int number) const;
  IrFrame FrameOfScope(int scope) const;

  std::vector<IrFunction> functions_;
  std::vector<IrGlobal> globals_;
  std::set<std::string> declared_;
  std::set<int> sanitizing_;  // attribute groups
  std::vector<std::vector<int>> function_attributes_;
  std::vector<std::string> early_constructors_;
  bool module_asm_ = false;
  // Metadata number → its text.
  std::unordered_map<int, std::string_view> metadata_;
};

}  // namespace racelab::build

#endif  // RACELAB_BUILD_IR_H_
