// Addresses in a loaded lab module → what a student calls them: source lines,
// functions, and variables with their member path ("bank.accounts[1].balance").
//
// Read from the module's DWARF (version 4 and 5) through libdw; clang 19's and
// g++ 12's objects are both understood. Nothing is parsed before the first
// question, and damaged or missing debug information makes answers poorer
// ("0x7f…"), never an error or a crash.
//
// The library's insides are not a student's business: members of std types are
// folded into the object that the student declared (`counter`, not
// `counter._M_i`; `queue.items[2]`, not `queue.items._M_impl._M_start[2]`).
//
// Thread safety: none; a Module has one user at a time. It never writes to the
// loaded module.

#ifndef RACELAB_SYMBOLS_SYMBOLS_H_
#define RACELAB_SYMBOLS_SYMBOLS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "verdict/verdict.h"

namespace racelab::symbols {

// How the bytes of a variable read as a value.
struct ValueType {
  enum class Kind {
    kUnknown,
    kSigned,
    kUnsigned,
    kBool,
    kChar,
    kFloat,
    kPointer,
    kEnum
  };
  Kind kind = Kind::kUnknown;
  uint32_t size = 0;
  std::vector<std::pair<int64_t, std::string>> enumerators;  // kEnum
};

// A variable, or the part of one, that a data address is in.
struct Variable {
  std::string name;    // "bank.accounts[1].balance"; never empty
  std::string origin;  // "global", "thread_local", "static in f()", "local of
                       // f()", "heap, 16 bytes from student/bank.cc:12"
  verdict::SourceLocation declared;  // where known
  std::string type;  // of the whole that was declared, or allocated: "Bank"
  std::string part_type;  // of the part that `name` says: "long", "mutex"
  std::string path;       // how `name` ends, behind the whole: "[1].balance"
  // For Module::Pointee: the part's type, 0 where it is not known, and where in
  // the part the bytes are.
  uint64_t part_id = 0;
  uint64_t part_offset = 0;
  ValueType value;  // of the bytes asked for
};

// A function, inlined ones not counted.
struct Function {
  uintptr_t begin = 0;  // code addresses
  uintptr_t end = 0;
  verdict::SourceLocation declared;  // with its name
};

// A frame of a thread that was stopped: for naming what is on its stack.
struct StackFrame {
  uintptr_t pc = 0;             // a return address
  uintptr_t frame_pointer = 0;  // rbp in that frame
};

struct ModuleOptions {
  // Files that are the student's or the lab's: names below "student/" and
  // "scenario.cc". A prefix ends in '/', anything else is a whole name.
  std::vector<std::string> own_files = {"student/", "scenario.cc"};
  // The lab's folder, where the module's file names are found: what `new` made
  // is read off the source line. Empty: heap objects stay without a type.
  std::string source_root;
};

class Module {
 public:
  // The file `path`, loaded at `bias` (dl_phdr_info::dlpi_addr; 0 for addresses
  // as the file has them). NotFound or InvalidArgument if it is no ELF file;
  // missing debug information is no error.
  static absl::StatusOr<std::unique_ptr<Module>> Open(
      const std::string& path, uintptr_t bias, ModuleOptions options = {});
  // The module that this process loaded and that `address` lies in.
  static absl::StatusOr<std::unique_ptr<Module>> OfAddress(
      const void* address, ModuleOptions options = {});

  virtual ~Module() = default;

  // Is `address` in the module's code or data?
  virtual bool Contains(uintptr_t address) const = 0;

  // The frames at a code address, innermost first: more than one where
  // functions were inlined. Give the address of an instruction: a return
  // address minus 1. Empty outside the module.
  virtual std::vector<verdict::SourceLocation> Frames(uintptr_t pc) const = 0;

  // The function whose instructions a code address is among.
  virtual std::optional<Function> FunctionAt(uintptr_t pc) const {
    (void)pc;
    return std::nullopt;
  }

  // The frames of a whole call stack of return addresses, innermost first,
  // folded to the student's and the scenario's lines. Empty if none is theirs.
  virtual std::vector<verdict::SourceLocation> OwnFrames(
      std::span<const uintptr_t> stack) const = 0;

  // Is this file the student's or the scenario's?
  virtual bool IsOwn(std::string_view file) const = 0;

  // The global, function static or static member at [address, address+size).
  virtual std::optional<Variable> Global(uintptr_t address,
                                         size_t size) const = 0;

  // The thread_local at `offset` bytes from the start of the module's TLS
  // block.
  virtual std::optional<Variable> ThreadLocal(uintptr_t offset,
                                              size_t size) const = 0;

  // What [offset, offset+size) of a heap block of `block_size` bytes is, the
  // block having been allocated with call stack `allocated_at`: "Account[1]
  // .balance", by its type and part; the origin tells where it was allocated.
  virtual Variable Heap(std::span<const uintptr_t> allocated_at,
                        size_t block_size, size_t offset,
                        size_t size) const = 0;

  // What lies `offset` bytes behind the address that `handle` holds, if it is a
  // pointer, a reference, or one of the library's that stand for one:
  // "gate->open", "list[2].balance", "*total". `block_size`: how many bytes
  // there are from that address on. nullopt: it leads to nothing that can be
  // named.
  virtual std::optional<Variable> Pointee(const Variable& handle, size_t offset,
                                          size_t size,
                                          size_t block_size) const {
    (void)handle, (void)offset, (void)size, (void)block_size;
    return std::nullopt;
  }

  // The data member that an access of `size` bytes (0: of a size not known, to
  // a lock) with this call stack goes to, told by the code alone: the innermost
  // own frame is a member function of a class of which exactly one member of
  // that size (or one of the library's, inside whose functions the access is)
  // is named in the source line. "Noticeboard::posted_", the class being
  // `type`. For objects whose place the compiler does not tell.
  virtual std::optional<Variable> MemberAccessed(
      std::span<const uintptr_t> stack, size_t size) const {
    (void)stack, (void)size;
    return std::nullopt;
  }

  // The name of the one local of class `type` in the function whose frame
  // `address` is in: for objects whose place the compiler does not tell. Empty
  // if there is none, or several.
  virtual std::string OnlyLocal(uintptr_t address, std::string_view type,
                                std::span<const StackFrame> frames) const {
    (void)address, (void)type, (void)frames;
    return "";
  }

  // The local variable at `address` among the frames of a stack (innermost
  // first), if its place is a simple one.
  virtual std::optional<Variable> Local(
      uintptr_t address, size_t size,
      std::span<const StackFrame> frames) const = 0;
};

// The bytes as the student would write them: "-1", "true", "kOpen", "'a'",
// "0x7f…". Little endian; `lo` and `hi` as in racelab::model::Value.
std::string FormatValue(const ValueType& type, uint64_t lo, uint64_t hi = 0);

// The text of line `line` (from 1) of `root`/`file`, blanks trimmed at both
// ends; empty if there is none. `file` must stay below `root`: absolute names,
// "..", and symbolic links that lead out give nothing.
std::string SourceText(const std::string& root, const std::string& file,
                       int line);

// Is the instruction before a return address one of libstdc++'s
// std::atomic<std::shared_ptr>?
bool IsInAtomicSharedPtr(const Module& module, uintptr_t return_address);

}  // namespace racelab::symbols

#endif  // RACELAB_SYMBOLS_SYMBOLS_H_
