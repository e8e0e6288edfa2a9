// pthread_create and what belongs to a thread's life. std::thread, jthread and
// async arrive here.

#include <errno.h>
#include <pthread.h>
#include <unwind.h>

#include <cstdint>
#include <cstring>
#include <exception>
#include <string>

#include "runtimes/model/bridge/accesses.h"
#include "runtimes/model/bridge/loading.h"
#include "runtimes/model/bridge/thread_exit.h"
#include "runtimes/model/bridge/virtual_time.h"
#include "runtimes/model/engine.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/platform/fiber.h"
#include "runtimes/model/platform/module_state.h"
#include "runtimes/model/platform/real.h"
#include "runtimes/model/sync_objects.h"
#include "runtimes/model/waiting.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

namespace racelab::model {
namespace {

constexpr uint32_t Bit(ThreadId thread) { return uint32_t{1} << thread; }

// The thread that a pthread_t names, or -1.
ThreadId Find(pthread_t handle) { return FiberOf(handle, execution.created); }

// What the last execution left in the fiber's thread_locals.
void StartThreadLocals() {
  execution.self().thread_locals = module_state.ResetThreadLocals();
  ResetRuntimeLocals();
}

// Has the body left a thread behind, joinable and with nobody to join it?
void FailIfLeftOver(bool also_unfinished) {
  const Execution& e = execution;
  for (int t = 1; t < e.created; ++t) {
    const ThreadState& thread = e.threads[t];
    if (thread.joined || thread.detached) continue;
    if (!thread.finished && !also_unfinished) continue;
    Fail(verdict::FailureKind::kLeak,
         "A thread was started and neither joined nor detached.", 0);
  }
}

// The thread has come to its end: thread_locals are destroyed, joiners wake.
void Finish() {
  RunThreadExit();
  Execution& e = execution;
  ThreadState& self = e.self();
  // Others see that a thread has ended when they join it, which is as good as
  // its last step; unless they can look whether it has, or get a robust mutex
  // from it.
  if (e.created > 1 && (module_looks_at_ends || RobustUsed())) {
    Schedule(
        {.kind = OpKind::kOther, .object = static_cast<uintptr_t>(e.current)});
  }
  if (e.log != nullptr) LogEvent(EventKind::kThreadExit, 0, 0, 0);
  ++e.clocks[e.current].current[e.current];
  self.finished = true;
  self.live_stack = StackHigh(e.current);
  ReleaseRobust();
  if (++e.finished == e.created) FailIfLeftLocked();
  e.runnable &= ~Bit(e.current);
  e.spinning &= ~Bit(e.current);
  for (uint32_t left = self.joiners; left != 0; left &= left - 1) {
    Unblock(__builtin_ctz(left));
  }
  if (e.created > 1) {
    ++e.changes;
    Executed(
        {.kind = OpKind::kExit, .object = static_cast<uintptr_t>(e.current)});
  }
}

// Waits for a thread to end. `deadline` 0: for ever.
int Join(pthread_t handle, void** result, bool try_only, uint64_t deadline,
         uintptr_t pc) {
  Bridge bridge;
  Execution& e = execution;
  const ThreadId target = Find(handle);
  if (target < 0) return ESRCH;
  ThreadState& thread = e.threads[target];
  if (target == e.current) {
    Fail(verdict::FailureKind::kMisuse, "A thread joins itself.", pc);
  }
  const auto refuse_second = [&] {
    if (!thread.joined) return;
    Fail(verdict::FailureKind::kMisuse, "A thread is joined twice.", pc);
  };
  refuse_second();
  if (thread.detached) {
    Fail(verdict::FailureKind::kMisuse, "A thread is joined that was detached.",
         pc);
  }
  // That a thread has not ended yet can be seen only where its end is a step
  // of its own (Finish); such a look depends on what that step might be, too.
  const PendingOp op{
      .kind = try_only || deadline != 0 ? OpKind::kOther : OpKind::kJoin,
      .object = static_cast<uintptr_t>(target)};
  if (try_only || deadline != 0) {
    Schedule(op);
    if (!thread.finished && (try_only || ChooseTimeout(op))) {
      if (deadline > e.now) e.now = deadline;
      Executed(op);
      NoteRead(pc, handle, 0);
      return try_only ? EBUSY : ETIMEDOUT;
    }
  }
  ThreadState& self = e.self();
  self.wake = WakeReason::kNotified;
  if (!thread.finished) {
    thread.joiners |= Bit(e.current);
    self.timed = deadline != 0;
    self.deadline = deadline;
    Block(e.current);
    if (e.log != nullptr) {
      LogEvent(EventKind::kBlock, static_cast<uintptr_t>(target), 0, pc);
    }
    Schedule(op);
    thread.joiners &= ~Bit(e.current);
    if (!thread.finished) {
      Executed(op);
      return ETIMEDOUT;
    }
  } else if (deadline == 0 && !try_only) {
    Schedule(op);
  }
  refuse_second();  // another joined it meanwhile
  thread.joined = true;
  e.sole = ++e.joined + 1 == e.created;
  AcquireClock(e.current, e.clocks[target].current);
  if (e.log != nullptr) {
    LogEvent(EventKind::kThreadJoin, static_cast<uintptr_t>(target), 0, pc);
  }
  Executed(op);
  NoteChange(0);
  if (result != nullptr) *result = thread.result;
  return 0;
}

[[gnu::always_inline]] inline void* OwnStackPointer() {
  void* pointer;
  asm volatile("movq %%rsp, %0" : "=r"(pointer));
  return pointer;
}

// The current thread has nothing left to run.
[[noreturn]] void EndThread() {
  Execution& e = execution;
  e.inside = true;
  if (e.current == 0) {
    // A thread that has not ended yet may still detach itself.
    FailIfLeftOver(!module_detaches);
    Finish();
  } else {
    Finish();
    if (e.finished == e.created) FailIfLeftOver(true);
  }
  e.engine->Leave();
  __builtin_unreachable();  // GCC forgets [[noreturn]] in virtual calls
}

// pthread_exit unwinds the stack, destructors included, up to where the thread
// came from. It ends there, without ever leaving the unwinder: its stack is
// forgotten.
struct Exit {
  _Unwind_Exception header;
};

_Unwind_Reason_Code StopUnwinding(int, _Unwind_Action actions,
                                  _Unwind_Exception_Class, _Unwind_Exception*,
                                  _Unwind_Context* context, void*) {
  ThreadState& self = execution.self();
  // In RunThread's own frame, whose noexcept must not be asked.
  const bool at_end = (actions & _UA_END_OF_STACK) != 0 ||
                      _Unwind_GetCFA(context) >=
                          reinterpret_cast<_Unwind_Word>(self.exit_frame);
  if (at_end) EndThread();
  return _URC_NO_REASON;
}

}  // namespace

// noexcept: an exception that leaves the program ends in std::terminate with
// its stack still there.
void RunProgram() noexcept {
  StartThreadLocals();
  SetActive(true);
  execution.self().exit_frame = OwnStackPointer();
  execution.inside = false;
  execution.body();
  EndThread();
}

void RunThread(ThreadId id) noexcept {
  StartThreadLocals();
  Execution& e = execution;
  ThreadState& self = e.threads[id];
  Executed({.kind = OpKind::kStart, .object = static_cast<uintptr_t>(id)});
  self.exit_frame = OwnStackPointer();
  e.inside = false;
  self.result = self.routine(self.argument);
  EndThread();
}

}  // namespace racelab::model

using namespace racelab::model;
namespace verdict = racelab::verdict;

extern "C" {

int pthread_create(pthread_t* handle, const pthread_attr_t* attributes,
                   void* (*routine)(void*), void* argument) noexcept {
  if (!InProgram()) {
    return Real().pthread_create(handle, attributes, routine, argument);
  }
  Bridge bridge;
  Execution& e = execution;
  if (e.created == kMaxThreads) {
    Unsupported("The scenario starts more than " +
                std::to_string(kMaxThreads - 1) +
                " threads; the model admits no more.");
  }
  if (e.created == e.capacity) NeedMoreThreads();
  int detach_state = PTHREAD_CREATE_JOINABLE;
  size_t stack_size = 0;
  if (attributes != nullptr) {
    pthread_attr_getdetachstate(attributes, &detach_state);
    pthread_attr_getstacksize(attributes, &stack_size);
  }
  const ThreadId child = e.engine->CreateThread();
  StartThreadState(child);
  ThreadState& thread = e.threads[child];
  thread.routine = routine;
  thread.argument = argument;
  thread.detached = detach_state == PTHREAD_CREATE_DETACHED;
  thread.asked_for_more_stack = stack_size > kProgramsStack;
  e.pending[child] = {.kind = OpKind::kStart,
                      .object = static_cast<uintptr_t>(child)};
  e.runnable |= Bit(child);
  e.sole = false;
  NoteChange(0);
  *handle = HandleOf(child);
  if (e.log != nullptr) {
    LogEvent(EventKind::kThreadStart, static_cast<uintptr_t>(child), 0,
             RACELAB_PC);
  }
  return 0;
}

pthread_t pthread_self() noexcept {
  return execution.active ? HandleOf(execution.current) : Real().pthread_self();
}

int pthread_join(pthread_t handle, void** result) {
  if (!InProgram()) return Real().pthread_join(handle, result);
  return Join(handle, result, false, 0, RACELAB_PC);
}

int pthread_tryjoin_np(pthread_t handle, void** result) noexcept {
  if (!InProgram()) return Real().pthread_tryjoin_np(handle, result);
  return Join(handle, result, true, 0, RACELAB_PC);
}

int pthread_timedjoin_np(pthread_t handle, void** result,
                         const timespec* until) {
  if (!InProgram()) return Real().pthread_timedjoin_np(handle, result, until);
  return Join(handle, result, false, Deadline(CLOCK_REALTIME, until),
              RACELAB_PC);
}

int pthread_clockjoin_np(pthread_t handle, void** result, clockid_t clock,
                         const timespec* until) {
  if (!InProgram()) {
    return Real().pthread_clockjoin_np(handle, result, clock, until);
  }
  return Join(handle, result, false, Deadline(clock, until), RACELAB_PC);
}

int pthread_detach(pthread_t handle) noexcept {
  if (!InProgram()) return Real().pthread_detach(handle);
  Bridge bridge;
  const ThreadId target = Find(handle);
  if (target < 0) return ESRCH;
  ThreadState& thread = execution.threads[target];
  if (thread.joined || thread.detached) {
    Fail(verdict::FailureKind::kMisuse,
         "A thread is detached that was joined or detached before.",
         RACELAB_PC);
  }
  thread.detached = true;
  return 0;
}

void pthread_exit(void* result) {
  if (!InProgram()) {
    Real().pthread_exit(result);
    __builtin_unreachable();
  }
  ThreadState& self = execution.self();
  self.result = result;
  static thread_local Exit exit;
  std::memset(&exit, 0, sizeof exit);
  _Unwind_ForcedUnwind(&exit.header, &StopUnwinding, nullptr);
  // Only if the stack cannot be unwound.
  std::terminate();
}

}  // extern "C"
