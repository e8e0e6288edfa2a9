#include "runtimes/common/unwind.h"

#include <unwind.h>

namespace racelab::runtimes {
namespace {

struct Frames {
  uintptr_t* at;
  size_t max;
  size_t size = 0;
};

_Unwind_Reason_Code Visit(_Unwind_Context* context, void* data) {
  Frames& frames = *static_cast<Frames*>(data);
  int before_instruction = 0;
  uintptr_t pc = _Unwind_GetIPInfo(context, &before_instruction);
  // Of an interrupted frame: make it look like a return address too, so that
  // every reader may subtract one.
  if (before_instruction != 0) ++pc;
  if (pc == 0 || frames.size == frames.max) return _URC_END_OF_STACK;
  frames.at[frames.size++] = pc;
  return _URC_NO_REASON;
}

}  // namespace

void PrepareUnwinding() {
  uintptr_t frames[4];
  CaptureStack(frames, 4);
}

size_t CaptureStack(uintptr_t* frames, size_t max) {
  Frames all{frames, max};
  _Unwind_Backtrace(Visit, &all);
  return all.size;
}

void CaptureStack(SharedStack& out) {
  uintptr_t frames[kMaxFrames];
  const size_t size = CaptureStack(frames, kMaxFrames);
  for (size_t i = 0; i < size; ++i) {
    out.frames[i].store(frames[i], std::memory_order_relaxed);
  }
  // Release: publishes the frames.
  out.size.store(static_cast<uint32_t>(size), std::memory_order_release);
}

}  // namespace racelab::runtimes
