#include "runtimes/model/bridge/call_stack.h"

#include <unwind.h>

#include <cstring>
#include <utility>

#include "runtimes/model/bridge/loading.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/platform/fiber.h"
#include "runtimes/model/platform/module_state.h"

namespace racelab::model {
namespace {

constexpr int kMaxFrames = 256;
constexpr int kRbp = 6;  // DWARF's number, x86-64 psABI figure 3.36

struct Walk {
  std::vector<EventLog::Stack::Frame> frames;
  int visited = 0;
};

_Unwind_Reason_Code Visit(_Unwind_Context* context, void* argument) {
  auto* walk = static_cast<Walk*>(argument);
  const uintptr_t pc = _Unwind_GetIP(context);
  if (pc == 0 || ++walk->visited > kMaxFrames) return _URC_END_OF_STACK;
  if (module_state.Contains(pc)) {
    walk->frames.push_back({pc, _Unwind_GetGR(context, kRbp)});
  }
  return _URC_NO_REASON;
}

// DWARF's numbers of rbx, rbp, r12 … r15.
constexpr int kPreserved[] = {3, 6, 12, 13, 14, 15};

struct Fingerprint {
  uint64_t hash = 0x9e3779b97f4a7c15ull;
  bool complete = false;

  void Add(uint64_t word) {
    hash = (hash ^ word) * 0xff51afd7ed558ccdull;
    hash ^= hash >> 32;
  }
};

_Unwind_Reason_Code FindCaller(_Unwind_Context* context, void* argument) {
  const uintptr_t pc = _Unwind_GetIP(context);
  if (pc == 0) return _URC_END_OF_STACK;
  if (IsOwnCode(pc)) return _URC_NO_REASON;
  auto* print = static_cast<Fingerprint*>(argument);
  print->Add(pc);
  for (const int reg : kPreserved) print->Add(_Unwind_GetGR(context, reg));
  // The stack pointer of this frame: the one that it called is gone.
  const uintptr_t low = _Unwind_GetCFA(context);
  const uintptr_t high = StackHigh(execution.current);
  if (low < StackLow(execution.current) || low >= high) {
    return _URC_END_OF_STACK;
  }
  for (uintptr_t at = low & ~uintptr_t{7}; at + 8 <= high; at += 8) {
    uint64_t word;
    std::memcpy(&word, reinterpret_cast<const void*>(at), sizeof word);
    print->Add(word);
  }
  print->complete = true;
  return _URC_END_OF_STACK;
}

}  // namespace

uint64_t LocalState() {
  Fingerprint print;
  _Unwind_Backtrace(&FindCaller, &print);
  return print.complete ? print.hash | 1 : 0;
}

std::vector<EventLog::Stack::Frame> ModuleFrames() {
  Walk walk;
  _Unwind_Backtrace(&Visit, &walk);
  return std::move(walk.frames);
}

}  // namespace racelab::model
