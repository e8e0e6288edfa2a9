#include "runtimes/model/bridge/virtual_time.h"

#include <errno.h>
#include <sched.h>
#include <sys/time.h>
#include <unistd.h>

#include <string>

#include "runtimes/model/bridge/accesses.h"
#include "runtimes/model/bridge/library_calls.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/platform/real.h"
#include "runtimes/model/platform/sequential.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

namespace racelab::model {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
// A look at the clock takes that long, at first. Who looks again and again,
// changing nothing, waits for it: the step doubles.
constexpr uint64_t kLook = 100;

uint64_t StartOf(clockid_t clock) {
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_TAI:
      return kRealtimeStart * kSecond;
    default:
      return kMonotonicStart * kSecond;
  }
}

timespec Now(clockid_t clock) {
  Execution& e = execution;
  // Only sleeps and timed waits make time pass, and that they did so before
  // this look or after it is no difference that reduction keeps.
  Withhold(Limit::kClock);
  if (e.changes != e.changes_at_look) {
    e.changes_at_look = e.changes;
    e.looks = 0;
  }
  e.now += kLook << (e.looks / 8 < 24 ? e.looks / 8 : 24);
  ++e.looks;
  const uint64_t time = StartOf(clock) + e.now;
  return {.tv_sec = static_cast<time_t>(time / kSecond),
          .tv_nsec = static_cast<long>(time % kSecond)};
}

uint64_t Nanoseconds(const timespec& time) {
  if (time.tv_sec < 0) return 0;
  return static_cast<uint64_t>(time.tv_sec) * kSecond +
         static_cast<uint64_t>(time.tv_nsec);
}

// Libraries ask for the time, too, but not into the program's memory.
void TellWrite(void* to, size_t size, uintptr_t pc) {
  if (module_state.Contains(pc)) {
    PlainWrite(reinterpret_cast<uintptr_t>(to), size, pc);
  }
}

// Lets the others go first.
void Yield(uint64_t until, uintptr_t pc) {
  Bridge bridge;
  Execution& e = execution;
  const PendingOp op{.kind = OpKind::kYield};
  if (e.created > 1) {
    NoteRead(pc, 0, 0, SpinDetector::kYields);
    e.yielded = true;
    e.in_vain = YieldIsInVain(pc);
    Schedule(op);
  }
  if (until > e.now) e.now = until;
  if (e.log != nullptr) LogEvent(EventKind::kYield, 0, 0, pc);
  if (e.created > 1) Executed(op);
}

void SleepFor(uint64_t nanoseconds, uintptr_t pc) {
  Yield(execution.now + nanoseconds, pc);
}

}  // namespace

uint64_t Deadline(clockid_t clock, const timespec* until) {
  const uint64_t time = Nanoseconds(*until);
  const uint64_t start = StartOf(clock);
  return time > start ? time - start : 1;
}

}  // namespace racelab::model

using namespace racelab::model;

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  if (!InProgram()) {
    NoteChangeOutside();
    return Real().clock_gettime(clock, time);
  }
  TellWrite(time, sizeof *time, RACELAB_PC);
  *time = Now(clock);
  return 0;
}

int gettimeofday(timeval* time, void* zone) noexcept {
  if (!InProgram()) {
    NoteChangeOutside();
    return Real().gettimeofday(time, static_cast<struct timezone*>(zone));
  }
  TellWrite(time, sizeof *time, RACELAB_PC);
  const timespec now = Now(CLOCK_REALTIME);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* result) noexcept {
  if (!InProgram()) {
    NoteChangeOutside();
    return Real().time(result);
  }
  const time_t now = Now(CLOCK_REALTIME).tv_sec;
  if (result != nullptr) {
    TellWrite(result, sizeof *result, RACELAB_PC);
    *result = now;
  }
  return now;
}

int sched_yield() noexcept {
  if (!InProgram()) return Real().sched_yield();
  // An atomic wait, which looks a few times before it sleeps: it must be seen
  // to sleep while the others stand still, so it gives way to nobody.
  if (LibraryCallOf(RACELAB_PC).looks_first) return 0;
  Yield(0, RACELAB_PC);
  return 0;
}

int nanosleep(const timespec* duration, timespec* rest) {
  if (!InProgram()) return Real().nanosleep(duration, rest);
  SleepFor(Nanoseconds(*duration), RACELAB_PC);
  return 0;
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* time,
                    timespec* rest) {
  if (!InProgram()) return Real().clock_nanosleep(clock, flags, time, rest);
  if ((flags & TIMER_ABSTIME) != 0) {
    Yield(Deadline(clock, time), RACELAB_PC);
  } else {
    SleepFor(Nanoseconds(*time), RACELAB_PC);
  }
  return 0;
}

int usleep(useconds_t microseconds) {
  if (!InProgram()) return Real().usleep(microseconds);
  SleepFor(uint64_t{1000} * microseconds, RACELAB_PC);
  return 0;
}

unsigned sleep(unsigned seconds) {
  if (!InProgram()) return Real().sleep(seconds);
  SleepFor(kSecond * seconds, RACELAB_PC);
  return 0;
}

}  // extern "C"
