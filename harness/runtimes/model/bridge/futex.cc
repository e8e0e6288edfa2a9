// syscall(SYS_futex, …): std::atomic::wait and notify, latch, barrier and
// futures arrive here.

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdint>
#include <string>

#include "runtimes/model/bridge/library_calls.h"
#include "runtimes/model/bridge/loading.h"
#include "runtimes/model/bridge/virtual_time.h"
#include "runtimes/model/decision_gate.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/platform/real.h"
#include "runtimes/model/sync_objects.h"
#include "runtimes/model/waiting.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

namespace racelab::model {
namespace {

long Error(int error) {
  errno = error;
  return -1;
}

// The word is compared with the newest value, as the kernel would: a thread
// that read an old one does not sleep.
long Wait(uintptr_t address, uint32_t expected, uint64_t deadline,
          uintptr_t pc) {
  Execution& e = execution;
  SyncObject& queue = Sync(address, SyncKind::kFutex);
  const PendingOp op{.kind = OpKind::kWait, .size = 4, .object = address};
  Schedule(op);
  // The kernel orders its look at the word with everything before, as a seq_cst
  // load does: what a waiter announced before, a waker sees after changing the
  // word.
  e.strategy->ForceNewest(true);
  ReadInfo info;
  const Value seen =
      e.memory->Load({e.current, address, 4, Order::kSeqCst, pc}, &info);
  e.strategy->ForceNewest(false);
  if (static_cast<uint32_t>(seen.lo) != expected) {
    Executed(op);
    NoteRead(pc, address, expected);
    return Error(EAGAIN);
  }
  if (deadline != 0 && ChooseTimeout(op)) {
    if (deadline > e.now) e.now = deadline;
    Executed(op);
    return Error(ETIMEDOUT);
  }
  Enqueue(queue);
  const uintptr_t shown = ShownAs(queue, e.self());
  if (e.log != nullptr) LogEvent(EventKind::kBlock, shown, 4, pc);
  Executed(op);
  const PendingOp wake{.kind = OpKind::kNone};
  const WakeReason reason = WaitInQueue(queue, deadline, wake);
  Executed(wake);
  if (Event* event = LogEvent(EventKind::kWake, shown, 4, pc)) {
    event->detail = reason == WakeReason::kTimeout ? "timeout" : "notified";
  }
  return reason == WakeReason::kTimeout ? Error(ETIMEDOUT) : 0;
}

// The queue of a word that atomics share: is the one who notifies content with
// one waiter? libstdc++ lets the atomics that are no futex themselves share a
// few words, and wakes all who wait at one, whoever was meant and by
// notify_one() too. The standard promises less.
bool NotifiesOneOfMany(const SyncObject& queue, int count, uintptr_t pc) {
  return count > 1 && queue.queued > 1 && IsWaiterPool(queue.address) &&
         LibraryCallAt(pc).notifies_one;
}

// One of the waiters of each atomic: of the one that was meant, whichever it
// is, and nobody waits for another one in vain.
long WakeOneOfEach(SyncObject& queue, const PendingOp& op) {
  const Execution& e = execution;
  long woken = 0;
  uint32_t left = 0;
  for (uint8_t i = 0; i < queue.queued; ++i) left |= 1u << queue.queue[i];
  while (left != 0) {
    const uintptr_t object = e.threads[__builtin_ctz(left)].loaded;
    uint32_t waiters = 0;
    for (uint32_t rest = left; rest != 0; rest &= rest - 1) {
      const int thread = __builtin_ctz(rest);
      if (e.threads[thread].loaded == object) waiters |= 1u << thread;
    }
    WakeUp(TakeWaiter(queue, op, waiters), nullptr);
    ++woken;
    left &= ~waiters;
  }
  return woken;
}

long Wake(uintptr_t address, int count, uintptr_t pc) {
  Execution& e = execution;
  SyncObject& queue = Sync(address, SyncKind::kFutex);
  const PendingOp op{.kind = OpKind::kNotify, .size = 4, .object = address};
  Schedule(op);
  const bool one_of_many = NotifiesOneOfMany(queue, count, pc);
  if (e.log != nullptr) {
    LogEvent(
        count == 1 || one_of_many ? EventKind::kNotifyOne
                                  : EventKind::kNotifyAll,
        queue.queued > 0 ? ShownAs(queue, e.threads[queue.queue[0]]) : address,
        4, pc);
  }
  if (queue.queued > 0) NoteChange(address);
  long woken = one_of_many ? WakeOneOfEach(queue, op) : 0;
  while (!one_of_many && queue.queued > 0 && woken < count) {
    // Who is left out matters only if somebody is.
    const bool all = count - woken >= queue.queued;
    const ThreadId thread = all ? queue.queue[0] : TakeWaiter(queue, op);
    if (all) RemoveFromQueue(queue, thread);
    WakeUp(thread, nullptr);
    ++woken;
  }
  Executed(op);
  return woken;
}

uint64_t DeadlineOf(int operation, const timespec* time) {
  if (time == nullptr) return 0;
  if ((operation & FUTEX_CMD_MASK) == FUTEX_WAIT) {  // relative
    return execution.now + 1 +
           static_cast<uint64_t>(time->tv_sec) * 1'000'000'000 +
           static_cast<uint64_t>(time->tv_nsec);
  }
  return Deadline((operation & FUTEX_CLOCK_REALTIME) != 0 ? CLOCK_REALTIME
                                                          : CLOCK_MONOTONIC,
                  time);
}

long Futex(uintptr_t address, int operation, uint32_t value,
           const timespec* time, uintptr_t pc) {
  Bridge bridge;
  switch (operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
      return Wait(address, value, DeadlineOf(operation, time), pc);
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
      return Wake(address, static_cast<int>(value), pc);
    default:
      Unsupported("The scenario makes a futex system call (operation " +
                  std::to_string(operation & FUTEX_CMD_MASK) +
                  ") that the model does not know.");
  }
}

}  // namespace
}  // namespace racelab::model

using namespace racelab::model;

extern "C" long syscall(long number, ...) noexcept {
  va_list arguments;
  va_start(arguments, number);
  long argument[6];
  for (long& value : argument) value = va_arg(arguments, long);
  va_end(arguments);
  if (InProgram()) {
    switch (number) {
      case SYS_futex:
        return Futex(
            static_cast<uintptr_t>(argument[0]), static_cast<int>(argument[1]),
            static_cast<uint32_t>(argument[2]),
            reinterpret_cast<const timespec*>(argument[3]), RACELAB_PC);
      case SYS_gettid:
        return 1000 + execution.current;
      case SYS_exit_group:
      case SYS_exit:
        _exit(static_cast<int>(argument[0]));
      case SYS_clone:
      case SYS_clone3:
      case SYS_fork:
      case SYS_vfork:
        fork();
        break;
      default:
        break;
    }
  }
  return Real().syscall(number, argument[0], argument[1], argument[2],
                        argument[3], argument[4], argument[5]);
}
