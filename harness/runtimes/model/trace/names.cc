#include "runtimes/model/trace/names.h"

#include <array>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace racelab::model {
namespace {

using symbols::StackFrame;
using verdict::SourceLocation;

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

}  // namespace

std::string Names::Thread(ThreadId thread) {
  return thread == 0 ? "main" : absl::StrCat("T", thread);
}

const symbols::Variable& Names::Variable(uintptr_t address, size_t size) {
  const auto [it, fresh] = variables_.try_emplace({address, size});
  if (fresh) it->second = Lookup(address, size);
  return it->second;
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

symbols::Variable Names::Lookup(uintptr_t address, size_t size) const {
  if (auto global = module_.Global(address, size)) return *std::move(global);
  if (const HeapBlock* block = Block(address)) {
    return module_.Heap(AllocatedAt(*block), block->size,
                        address - block->address, size);
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
    std::vector<StackFrame> frames;
    for (const auto& frame : stack.frames) {
      frames.push_back({frame.pc, frame.frame_pointer});
    }
    const std::string thread = Thread(static_cast<int>(t));
    auto local = module_.Local(address, size, frames);
    if (local && !local->declared.file.empty()) {
      absl::StrAppend(&local->origin, ", on the stack of ", thread);
      return *std::move(local);
    }
    const std::string origin = absl::StrCat(local ? local->origin : "local",
                                            ", on the stack of ", thread);
    // The compiler does not tell where it is; the code that uses it may.
    if (auto member = Member(address)) {
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
