#include "runtimes/common/threads.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include <algorithm>

#include "runtimes/common/raw_syscall.h"
#include "runtimes/common/threads_interpose.h"
#include "runtimes/common/unwind.h"

namespace racelab::runtimes {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

// The state of this file. `blackboard` and `policy` are written while one
// thread runs. Nothing here is a pthread lock: it must work inside any lock of
// the scenario's, and unseen by libtsan.
Blackboard* blackboard = nullptr;
ThreadPolicy policy;
bool gate_open_this_round = false;

// Threads created since the gate was last opened meet here. A new thread waits
// until `gate` moves on from the number it was created under, then spins until
// all of that number have arrived, so that they start within nanoseconds.
// Relaxed throughout, but for the gate's number, which publishes `expected`:
// that the threads start together is wanted, that they are ordered is not.
std::atomic<uint32_t> gate{0};
std::atomic<uint32_t> pending{0};
struct Meeting {
  std::atomic<uint32_t> expected{0};
  std::atomic<uint32_t> arrived{0};
  std::atomic<uint64_t> start{0};  // time stamp counter; 0: not all are there
};
// Some 200 and 20 microseconds, one, and a tenth of one, on today's processors;
// nothing depends on it.
constexpr uint64_t kMeetingCycles = 600000;
constexpr uint64_t kCrowdedMeetingCycles = 60000;
constexpr uint64_t kStartCycles = 2000;
constexpr uint64_t kSkewCycles = 256;
uint32_t processors = 1;
constexpr uint32_t kMeetings = 64;
Meeting meetings[kMeetings];

thread_local ThreadSlot* current = nullptr;
thread_local uint64_t random_state = 0;

int64_t NowNanoseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * int64_t{1000000000} + now.tv_nsec;
}

void FutexWait(std::atomic<uint32_t>& word, uint32_t value, int64_t ns) {
  const timespec timeout = {ns / 1000000000, ns % 1000000000};
  RawSyscall(SYS_futex, reinterpret_cast<long>(&word), FUTEX_WAIT_PRIVATE,
             value, reinterpret_cast<long>(&timeout));
}

void RawSleep(uint32_t us) {
  const timespec pause = {us / 1000000, long{us % 1000000} * 1000};
  RawSyscall(SYS_nanosleep, reinterpret_cast<long>(&pause), 0);
}

void RawYield() { RawSyscall(SYS_sched_yield); }

uint32_t Random() {
  // xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift
  // generators, scrambled", 2016.
  uint64_t x = random_state;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  random_state = x;
  return static_cast<uint32_t>((x * 0x2545F4914F6CDD1D) >> 32);
}

void Seed(uint64_t seed) {
  // splitmix64's finalizer, so that neighbouring seeds differ everywhere.
  seed += 0x9E3779B97F4A7C15;
  seed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
  seed = (seed ^ (seed >> 27)) * 0x94D049BB133111EB;
  random_state = (seed ^ (seed >> 31)) | 1;
}

bool Chance(uint32_t of_1024) {
  return of_1024 != 0 && (Random() & 1023) < of_1024;
}

// Lets the threads that wait at the gate go.
void OpenGate() {
  if (pending.load(kRelaxed) == 0) return;
  const uint32_t count = pending.exchange(0, kRelaxed);
  if (count == 0) return;
  const uint32_t now = gate.load(kRelaxed);
  meetings[now % kMeetings].expected.store(count, kRelaxed);
  meetings[(now + 1) % kMeetings].expected.store(0, kRelaxed);
  meetings[(now + 1) % kMeetings].arrived.store(0, kRelaxed);
  meetings[(now + 1) % kMeetings].start.store(0, kRelaxed);
  // Release: a thread that sees the new number sees `expected`.
  gate.store(now + 1, kRelease);
  RawSyscall(SYS_futex, reinterpret_cast<long>(&gate), FUTEX_WAKE_PRIVATE,
             static_cast<int>(kMaxThreads));
}

void WaitAtGate(uint32_t number) {
  uint32_t us = policy.gate_us;
  if (policy.gate_random && us != 0) us = Random() % us;
  const int64_t until = NowNanoseconds() + us * int64_t{1000};
  while (gate.load(kAcquire) == number) {
    const int64_t left = until - NowNanoseconds();
    if (left <= 0) return;
    FutexWait(gate, number, left);
  }
  // The creator has let us go. Wait for the others, a moment, without giving
  // the processor away; the last one names the instant at which all of them
  // start.
  Meeting& meeting = meetings[number % kMeetings];
  const uint32_t expected = meeting.expected.load(kRelaxed);
  const uint64_t patience =
      __rdtsc() +
      (expected <= processors ? kMeetingCycles : kCrowdedMeetingCycles);
  const uint32_t place = meeting.arrived.fetch_add(1, kRelaxed);
  if (place + 1 == expected) {
    meeting.start.store(__rdtsc() + kStartCycles, kRelaxed);
  }
  uint64_t start;
  while ((start = meeting.start.load(kRelaxed)) == 0) {
    if (__rdtsc() > patience) return;
    __builtin_ia32_pause();
  }
  if (start > patience + kMeetingCycles) return;
  start += Random() % kSkewCycles + uint64_t{policy.stagger_cycles} * place;
  while (__rdtsc() < start) {
  }
}

ThreadSlot* NewSlot() {
  Blackboard& board = *blackboard;
  const uint32_t index = board.thread_count.fetch_add(1, kRelaxed);
  if (index < kMaxThreads) return &board.threads[index];
  board.thread_count.store(kMaxThreads, kRelaxed);
  return nullptr;
}

void Clear(ThreadSlot& slot) {
  slot.tid.store(0, kRelaxed);
  slot.finished.store(false, kRelaxed);
  slot.joined.store(false, kRelaxed);
  slot.detached.store(false, kRelaxed);
  slot.handle.store(0, kRelaxed);
  slot.wait_kind.store(WaitKind::kNone, kRelaxed);
  slot.created_at.size.store(0, kRelaxed);
  slot.stack.size.store(0, kRelaxed);
}

// A thread ends by return, by pthread_exit or by cancellation: the destructor
// of this sees all of them.
struct AtEnd {
  ThreadSlot* slot;
  ~AtEnd() {
    OpenGate();  // its children need not wait for a join
    slot->finished.store(true, kRelease);
  }
};

void BeThreadZero() {
  ThreadSlot& slot = blackboard->threads[0];
  Clear(slot);
  blackboard->thread_count.store(1, kRelaxed);
  current = &slot;
  slot.handle.store(pthread_self(), kRelaxed);
  slot.tid.store(static_cast<int>(RawSyscall(SYS_gettid)), kRelease);
}

}  // namespace

void StartThreads(Blackboard* board, const ThreadPolicy& new_policy,
                  uint64_t seed) {
  blackboard = board;
  policy = new_policy;
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  RawSyscall(SYS_sched_getaffinity, 0, sizeof allowed,
             reinterpret_cast<long>(&allowed));
  processors = std::max(1, CPU_COUNT(&allowed));
  NextRound(seed);
}

void NextRound(uint64_t seed) {
  const uint32_t used =
      std::min<uint32_t>(blackboard->thread_count.load(kRelaxed), kMaxThreads);
  for (uint32_t i = 0; i < used; ++i) Clear(blackboard->threads[i]);
  Seed(seed);
  pending.store(0, kRelaxed);
  gate_open_this_round = Chance(policy.gated);
  BeThreadZero();
}

uint32_t FirstUnjoined() {
  const uint32_t count =
      std::min<uint32_t>(blackboard->thread_count.load(kRelaxed), kMaxThreads);
  for (uint32_t i = 1; i < count; ++i) {
    const ThreadSlot& slot = blackboard->threads[i];
    if (slot.handle.load(kRelaxed) != 0 && !slot.joined.load(kRelaxed) &&
        !slot.detached.load(kRelaxed)) {
      return i;
    }
  }
  return 0;
}

bool AnyDetached() {
  const uint32_t count =
      std::min<uint32_t>(blackboard->thread_count.load(kRelaxed), kMaxThreads);
  for (uint32_t i = 1; i < count; ++i) {
    if (blackboard->threads[i].detached.load(kRelaxed)) return true;
  }
  return false;
}

bool AwaitDetached(double seconds) {
  const int64_t until = NowNanoseconds() + static_cast<int64_t>(seconds * 1e9);
  const pid_t pid = static_cast<pid_t>(RawSyscall(SYS_getpid));
  const uint32_t count =
      std::min<uint32_t>(blackboard->thread_count.load(kRelaxed), kMaxThreads);
  OpenGate();
  for (uint32_t i = 1; i < count; ++i) {
    ThreadSlot& slot = blackboard->threads[i];
    if (!slot.detached.load(kRelaxed)) continue;
    while (true) {
      const int tid = slot.tid.load(kAcquire);
      if (tid < 0) break;
      if (tid != 0 && RawSyscall(SYS_tgkill, pid, tid, 0) == -ESRCH) break;
      if (NowNanoseconds() >= until) return false;
      RawSleep(200);
    }
  }
  return true;
}

void SetPolicy(const ThreadPolicy& new_policy) { policy = new_policy; }

// threads_interpose.h from here on.

Waiting::Waiting(WaitKind kind, const volatile void* object, bool timed)
    : slot_(current) {
  if (slot_ == nullptr) return;
  OpenGate();
  outer_kind_ = slot_->wait_kind.load(kRelaxed);
  outer_object_ = slot_->wait_object.load(kRelaxed);
  outer_timed_ = slot_->wait_timed.load(kRelaxed);
  slot_->wait_object.store(reinterpret_cast<uintptr_t>(object), kRelaxed);
  slot_->wait_timed.store(timed, kRelaxed);
  // Release: whoever sees the kind sees what was written before.
  slot_->wait_kind.store(kind, kRelease);
}

Waiting::~Waiting() {
  if (slot_ == nullptr) return;
  slot_->wait_object.store(outer_object_, kRelaxed);
  slot_->wait_timed.store(outer_timed_, kRelaxed);
  slot_->wait_kind.store(outer_kind_, kRelease);
}

void Disturb() {
  if (current == nullptr) return;
  if ((policy.yields | policy.sleeps) == 0) return;
  if (Chance(policy.yields)) {
    RawYield();
  } else if (policy.sleep_us != 0 && Chance(policy.sleeps)) {
    RawSleep(Random() % policy.sleep_us);
  }
}

ThreadSlot* NewThread(void* (*routine)(void*), void* argument, bool detached) {
  if (current == nullptr) return nullptr;
  ThreadSlot* slot = NewSlot();
  if (slot == nullptr) return nullptr;
  Clear(*slot);
  slot->detached.store(detached, kRelaxed);
  CaptureStack(slot->created_at);
  slot->routine = routine;
  slot->argument = argument;
  slot->gate = gate.load(kRelaxed);
  pending.fetch_add(1, kRelaxed);
  return slot;
}

void ThreadCreated(ThreadSlot& slot, pthread_t thread) {
  slot.handle.store(thread, kRelaxed);
}

void ThreadNotCreated(ThreadSlot& slot) {
  slot.detached.store(true, kRelaxed);  // there is nothing to join
  slot.finished.store(true, kRelaxed);
  slot.tid.store(-1, kRelaxed);
  pending.fetch_sub(1, kRelaxed);
}

ThreadSlot* FindThread(pthread_t thread) {
  if (blackboard == nullptr) return nullptr;
  const uint32_t count =
      std::min<uint32_t>(blackboard->thread_count.load(kRelaxed), kMaxThreads);
  for (uint32_t i = count; i-- > 0;) {
    ThreadSlot& slot = blackboard->threads[i];
    if (slot.handle.load(kRelaxed) == thread && !slot.joined.load(kRelaxed)) {
      return &slot;
    }
  }
  return nullptr;
}

void* RunThread(void* argument) {
  ThreadSlot& slot = *static_cast<ThreadSlot*>(argument);
  current = &slot;
  Seed(reinterpret_cast<uintptr_t>(&slot) ^ (slot.gate * 977ull) ^
       slot.handle.load(kRelaxed));
  // Release: publishes the slot's fields to the parent.
  slot.tid.store(static_cast<int>(RawSyscall(SYS_gettid)), kRelease);
  InstallAlternateStack();
  if (gate_open_this_round) WaitAtGate(slot.gate);
  if (policy.late_us != 0 && Chance(policy.late)) {
    RawSleep(Random() % policy.late_us);
  }
  AtEnd at_end{&slot};
  return slot.routine(slot.argument);
}

ThreadSlot* CurrentSlot() { return current; }
uint32_t ThreadRandom() { return current == nullptr ? 0 : Random(); }

}  // namespace racelab::runtimes
