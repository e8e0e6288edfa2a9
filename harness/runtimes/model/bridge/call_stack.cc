#include "runtimes/model/bridge/call_stack.h"

#include <unwind.h>

#include <utility>

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

}  // namespace

std::vector<EventLog::Stack::Frame> ModuleFrames() {
  Walk walk;
  _Unwind_Backtrace(&Visit, &walk);
  return std::move(walk.frames);
}

}  // namespace racelab::model
