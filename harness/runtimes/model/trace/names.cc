#include "runtimes/model/trace/names.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "runtimes/model/trace/happens_before.h"

namespace racelab::model {
namespace {

using symbols::StackFrame;
using verdict::SourceLocation;

// A name through an owner with a longer one is no help in a table.
constexpr size_t kLongestOwner = 32;

// Larger than any module's TLS block here; the block's own size is not known.
constexpr uintptr_t kMaxTls = 1 << 20;

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kKinds =
    {{{"condition_variable", "condition variable"},
      {"pthread_cond_t", "condition variable"},
      {"CondVar", "condition variable"},
      {"shared_mutex", "shared mutex"},
      {"shared_timed_mutex", "shared mutex"},
      {"pthread_rwlock_t", "shared mutex"},
      {"mutex", "mutex"},
      {"Mutex", "mutex"},
      {"semaphore", "semaphore"},
      {"sem_t", "semaphore"},
      {"latch", "latch"},
      {"barrier", "barrier"},
      {"spinlock", "spinlock"},
      {"once", "once flag"},
      {"thread", "thread"},
      {"atomic", "atomic"}}};

// Abseil's, whose state is a block of its own (absl_sync_state.h).
constexpr std::array<std::string_view, 5> kWithStateBehind = {
    "Mutex", "CondVar", "Notification", "BlockingCounter", "Barrier"};

}  // namespace

std::string Names::Thread(ThreadId thread) {
  return thread == 0 ? "main" : absl::StrCat("T", thread);
}

const symbols::Variable& Names::Variable(uintptr_t address, size_t size) {
  const auto known = variables_.find({address, size});
  if (known != variables_.end()) return known->second;
  symbols::Variable found = Lookup(address, size);
  return variables_.insert_or_assign({address, size}, std::move(found))
      .first->second;
}

const HeapBlock* Names::Block(uintptr_t address) const {
  for (size_t i = log_.heap.size(); i-- > 0;) {
    const HeapBlock& block = log_.heap[i];
    if (block.address <= address && address < block.address + block.size) {
      return &block;
    }
  }
  return nullptr;
}

const Event* Names::Last(EventKind kind, uintptr_t object) const {
  for (size_t i = log_.events.size(); i-- > 0;) {
    const Event& event = log_.events[i];
    if (event.kind == kind && event.object == object) return &event;
  }
  return nullptr;
}

std::vector<uintptr_t> Names::AllocatedAt(const HeapBlock& block) const {
  const Event* event = Last(EventKind::kAlloc, block.address);
  return event != nullptr ? event->stack : block.allocated_at;
}

std::vector<uintptr_t> Names::FreedAt(const HeapBlock& block) const {
  const Event* event = Last(EventKind::kFree, block.address);
  return event != nullptr ? event->stack : block.freed_at;
}

std::vector<Names::Holder> Names::HoldersOf(const HeapBlock& block) const {
  const auto inside = [&](uintptr_t to) {
    return to - block.address < std::max<size_t>(block.size, 1);
  };
  std::vector<Holder> result;
  for (const EventLog::Pointer& pointer : log_.pointers) {
    if (inside(pointer.to)) result.push_back({pointer.at, pointer.to, nullptr});
  }
  for (const Event& event : log_.events) {
    if (event.size == sizeof(uintptr_t) && IsWrite(event.kind) &&
        inside(event.value.lo)) {
      result.push_back({event.object, event.value.lo, &event});
    }
  }
  return result;
}

symbols::Variable Names::HolderName(const Holder& holder) {
  const Event* event = holder.written;
  if (event != nullptr &&
      static_cast<size_t>(event->thread) < log_.stacks.size()) {
    const EventLog::Stack& stack = log_.stacks[event->thread];
    if (stack.low <= holder.at && holder.at < stack.high) {
      auto local = Local(event->thread, holder.at, sizeof(uintptr_t), event);
      if (local && !local->declared.file.empty()) return *std::move(local);
    }
  }
  return Variable(holder.at, sizeof(uintptr_t));
}

std::vector<StackFrame> Names::Frames(size_t thread) const {
  std::vector<StackFrame> frames;
  for (const auto& frame : log_.stacks[thread].frames) {
    frames.push_back({frame.pc, frame.frame_pointer});
  }
  return frames;
}

std::optional<symbols::Variable> Names::Local(ThreadId thread,
                                              uintptr_t address, size_t size,
                                              const Event* when) const {
  std::vector<StackFrame> frames = Frames(static_cast<size_t>(thread));
  if (when != nullptr) {
    // Where the functions that are still active were then: from the outermost.
    std::vector<uintptr_t> then;
    for (const uintptr_t pc : when->stack) {
      if (module_.Contains(pc)) then.push_back(pc);
    }
    const auto function = [&](uintptr_t pc) {
      const std::vector<SourceLocation> around = module_.Frames(pc - 1);
      return around.empty() ? "" : around.back().function;
    };
    for (size_t i = 0; i < std::min(frames.size(), then.size()); ++i) {
      StackFrame& frame = frames[frames.size() - 1 - i];
      const uintptr_t pc = then[then.size() - 1 - i];
      if (function(pc) != function(frame.pc)) break;
      frame.pc = pc;
    }
  }
  return module_.Local(address, size, frames);
}

std::optional<symbols::Variable> Names::Through(const HeapBlock& block,
                                                uintptr_t address,
                                                size_t size) {
  const auto room = [&](uintptr_t to) {
    return block.address + block.size - to;
  };
  const auto [known, is_new] = owners_.try_emplace(block.address);
  if (is_new) {
    looking_.insert(block.address);
    std::optional<Owner> best;
    // Smaller is better.
    std::tuple<bool, bool, size_t> best_rank;
    std::set<std::pair<uintptr_t, uintptr_t>> written;
    std::set<std::pair<uintptr_t, uintptr_t>> at_the_end;
    for (const Holder& holder : HoldersOf(block)) {
      const std::pair<uintptr_t, uintptr_t> word(holder.at, holder.to);
      if (holder.written == nullptr) {
        at_the_end.insert(word);
      } else if (!written.insert(word).second) {
        continue;
      }
      const HeapBlock* around = Block(holder.at);
      if (around != nullptr && looking_.contains(around->address)) continue;
      const symbols::Variable variable = HolderName(holder);
      // Into the middle leads what is not its owner; make_shared's counts come
      // first.
      if (holder.to != block.address &&
          variable.part_type.find("_ptr<") == std::string::npos) {
        continue;
      }
      // A number says no more through a pointer than of its own.
      if (variable.part_id == 0 || variable.name.size() > kLongestOwner ||
          variable.name.find('#') != std::string::npos ||
          !module_.Pointee(variable, 0, 1, room(holder.to))) {
        continue;
      }
      const std::tuple<bool, bool, size_t> rank(
          variable.part_type.find_first_of("*&") != std::string::npos,
          !at_the_end.contains(word), variable.name.size());
      if (!best || rank < best_rank) {
        best = Owner{variable, holder.to};
        best_rank = rank;
      }
    }
    looking_.erase(block.address);
    // Within another search this answer may lack what that one excludes.
    if (!best && !looking_.empty()) {
      owners_.erase(known);
      return std::nullopt;
    }
    owners_[block.address] = std::move(best);
  }
  const std::optional<Owner>& owner = owners_[block.address];
  if (!owner) return std::nullopt;
  if (address < owner->to) {
    symbols::Variable before;  // of a make_shared
    before.name = absl::StrCat(owner->variable.name, " (reference count)");
    return before;
  }
  return module_.Pointee(owner->variable, address - owner->to, size,
                         room(owner->to));
}

std::optional<symbols::Variable> Names::InFront(const HeapBlock& block) {
  if (!looking_.insert(block.address).second) return std::nullopt;
  std::optional<symbols::Variable> object;
  for (const Holder& holder : HoldersOf(block)) {
    if (holder.written != nullptr || holder.to != block.address) continue;
    const HeapBlock* around = Block(holder.at);
    if (around != nullptr && looking_.contains(around->address)) continue;
    const symbols::Variable& variable = Variable(holder.at, sizeof(uintptr_t));
    if (std::ranges::find(kWithStateBehind, variable.part_type) !=
        kWithStateBehind.end()) {
      object = variable;
      break;
    }
  }
  looking_.erase(block.address);
  return object;
}

symbols::Variable Names::Numbered(const HeapBlock& block,
                                  symbols::Variable plain) {
  std::string& number = numbers_[block.address];
  if (number.empty()) {
    const std::string kind = plain.type.empty() ? "block" : plain.type;
    number = absl::StrCat(kind, "#", ++counts_[kind]);
    const std::vector<SourceLocation> made = Own(AllocatedAt(block));
    legend_[number] = absl::StrCat(
        "allocated by ", Thread(block.allocated_by),
        made.empty() ? "" : absl::StrCat(" at ", Short(made.front())));
  }
  plain.name = absl::StrCat(number, plain.path);
  return plain;
}

symbols::Variable Names::Lookup(uintptr_t address, size_t size) {
  if (auto global = module_.Global(address, size)) return *std::move(global);
  if (const HeapBlock* block = Block(address)) {
    symbols::Variable plain = module_.Heap(AllocatedAt(*block), block->size,
                                           address - block->address, size);
    if (auto owned = Through(*block, address, size)) {
      owned->origin = plain.origin;
      if (owned->value.kind == symbols::ValueType::Kind::kUnknown) {
        owned->value = plain.value;
      }
      return *std::move(owned);
    }
    if (auto object = InFront(*block)) return *std::move(object);
    return Numbered(*block, std::move(plain));
  }
  for (size_t t = 0; t < log_.stacks.size(); ++t) {
    const EventLog::Stack& stack = log_.stacks[t];
    if (stack.tls != 0 && address - stack.tls < kMaxTls) {
      if (auto own = module_.ThreadLocal(address - stack.tls, size)) {
        absl::StrAppend(&own->origin, " of ", Thread(static_cast<int>(t)));
        return *std::move(own);
      }
    }
    if (address < stack.low || address >= stack.high) continue;
    const std::string thread = Thread(static_cast<int>(t));
    auto local = Local(static_cast<ThreadId>(t), address, size, nullptr);
    if (local && !local->declared.file.empty()) {
      absl::StrAppend(&local->origin, ", on the stack of ", thread);
      return *std::move(local);
    }
    const std::string origin = absl::StrCat(local ? local->origin : "local",
                                            ", on the stack of ", thread);
    // The compiler does not tell where it is; the code that uses it may.
    if (auto member = Member(address)) {
      const std::string object =
          module_.OnlyLocal(address, member->type, Frames(t));
      if (!object.empty()) {
        member->name.replace(0, member->type.size() + 2, object + ".");
      }
      member->origin = origin;
      return *std::move(member);
    }
    symbols::Variable unknown;
    unknown.name = absl::StrCat("a local of ", thread);
    unknown.origin = origin;
    return unknown;
  }
  symbols::Variable unknown;
  unknown.name = absl::StrFormat("0x%x", address);
  return unknown;
}

std::optional<symbols::Variable> Names::Member(uintptr_t address) const {
  std::optional<symbols::Variable> found;
  for (const Event& event : log_.events) {
    if (event.object != address) continue;
    auto member = module_.MemberAccessed(event.stack, event.size);
    if (!member) continue;
    // Two answers are none.
    if (found && found->name != member->name) return std::nullopt;
    found = std::move(member);
  }
  return found;
}

std::string Names::SyncKind(uintptr_t address) {
  const symbols::Variable& variable = Variable(address, 1);
  for (const std::string* type : {&variable.part_type, &variable.type}) {
    for (const auto& [part, kind] : kKinds) {
      if (type->find(part) != std::string::npos) return std::string(kind);
    }
  }
  return "";
}

std::string Names::SyncName(uintptr_t address) {
  const std::string kind = SyncKind(address);
  return absl::StrCat(kind, kind.empty() ? "" : " ", Variable(address, 1).name);
}

std::string Names::ValueText(const symbols::Variable& variable, Value value) {
  const symbols::ValueType& type = variable.value;
  if (type.kind == symbols::ValueType::Kind::kUnknown) return "";
  if (type.kind == symbols::ValueType::Kind::kPointer && value.lo != 0) {
    const symbols::Variable& target = Variable(value.lo, 1);
    if (!target.name.starts_with("0x")) return absl::StrCat("→ ", target.name);
  }
  return symbols::FormatValue(type, value.lo, value.hi);
}

std::string Names::LibraryCall(const std::vector<uintptr_t>& stack) const {
  std::string called;
  bool found = false;
  for (const uintptr_t address : stack) {
    for (const SourceLocation& frame : module_.Frames(address - 1)) {
      found = module_.IsOwn(frame.file);
      if (found) break;
      called = frame.function;
    }
    if (found) break;
  }
  if (!found) return "";
  std::string_view call = called;
  // "std::vector<Account, …>::push_back" → "push_back".
  int depth = 0;
  size_t start = 0;
  for (size_t i = 0; i + 1 < call.size(); ++i) {
    if (call.substr(i).starts_with("operator")) break;
    if (call[i] == '<') ++depth;
    if (call[i] == '>') --depth;
    if (depth == 0 && call[i] == ':' && call[i + 1] == ':') start = i + 2;
  }
  call.remove_prefix(start);
  if (!call.starts_with("operator")) call = call.substr(0, call.find('<'));
  return std::string(call);
}

std::string Short(const SourceLocation& location) {
  return absl::StrCat(location.file.substr(location.file.rfind('/') + 1), ":",
                      location.line);
}

}  // namespace racelab::model
