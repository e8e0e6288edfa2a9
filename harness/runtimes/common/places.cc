#include "runtimes/common/places.h"

#include <utility>

namespace racelab::runtimes {

Places::Places(std::string module, std::string source_root,
               const Blackboard& board)
    : path_(std::move(module)),
      source_root_(std::move(source_root)),
      board_(board) {}
Places::~Places() = default;

symbols::Module* Places::module() {
  if (!opened_) {
    opened_ = true;
    auto module =
        symbols::Module::Open(path_, 0, {.source_root = source_root_});
    if (module.ok()) module_ = *std::move(module);
  }
  return module_.get();
}

bool Places::InModule(uintptr_t address) const {
  return address >= board_.module_begin.load(std::memory_order_acquire) &&
         address < board_.module_end.load(std::memory_order_acquire);
}

std::vector<uintptr_t> Places::ToFile(std::span<const uintptr_t> stack) const {
  const uintptr_t bias = board_.module_bias.load(std::memory_order_acquire);
  std::vector<uintptr_t> addresses;
  for (const uintptr_t address : stack) {
    if (InModule(address)) addresses.push_back(address - bias);
  }
  return addresses;
}

bool Places::InAtomicSharedPtr(uintptr_t return_address) {
  if (module() == nullptr || !InModule(return_address)) return false;
  const uintptr_t bias = board_.module_bias.load(std::memory_order_acquire);
  return symbols::IsInAtomicSharedPtr(*module(), return_address - bias);
}

std::vector<verdict::SourceLocation> Places::Own(
    std::span<const uintptr_t> stack) {
  if (module() == nullptr) return {};
  return module()->OwnFrames(ToFile(stack));
}

symbols::Variable Places::Global(uintptr_t address, size_t size) {
  if (module() != nullptr && InModule(address)) {
    const uintptr_t bias = board_.module_bias.load(std::memory_order_acquire);
    if (auto variable = module()->Global(address - bias, size)) {
      return *std::move(variable);
    }
  }
  return {};
}

symbols::Variable Places::Heap(std::span<const uintptr_t> allocated_at,
                               size_t block_size, size_t offset, size_t size) {
  if (module() == nullptr) return {};
  return module()->Heap(ToFile(allocated_at), block_size, offset, size);
}

std::string ThreadName(uint32_t index) {
  return index == 0 ? "main" : "T" + std::to_string(index);
}

}  // namespace racelab::runtimes
