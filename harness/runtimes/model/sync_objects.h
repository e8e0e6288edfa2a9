// Locks, condition variables, semaphores and what else threads wait for, by
// address.
//
// These are not Relacy's: its mutex admits no precise answer to "may this
// thread take its next step?", it fails tests where pthreads says EDEADLK or
// EOWNERDEAD, it orders readers among each other, and its semaphores wake by a
// random number that no Strategy sees. They stand on Relacy's parking and
// clocks.

#ifndef RACELAB_RUNTIMES_MODEL_SYNC_OBJECTS_H_
#define RACELAB_RUNTIMES_MODEL_SYNC_OBJECTS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "runtimes/model/bridge/accesses.h"
#include "runtimes/model/execution.h"

namespace racelab::model {

enum class SyncKind : uint8_t {
  kMutex,
  kRwLock,
  kCondition,
  kSemaphore,
  kBarrier,
  kSpinLock,
  kFutex,
  kOnce,
  kCount,    // of the references to an exception
  kNothing,  // its memory is used for something else
};

enum class MutexType : uint8_t { kNormal, kErrorCheck, kRecursive };

struct SyncObject {
  uintptr_t address;
  SyncKind kind;
  MutexType type;
  bool robust;
  bool owner_died;     // robust: the next owner learns of it
  bool unrecoverable;  // robust: unlocked without pthread_mutex_consistent
  bool ready;          // once: done
  bool ended;          // destroyed, and not made anew
  int8_t owner;        // -1: free
  uint8_t queued;
  uint32_t recursion;
  uint32_t readers;        // hold it shared
  uint32_t lockers;        // next step: lock it
  uint32_t share_lockers;  // next step: lock it shared
  uint32_t circled;  // threads that take it on a circle that was cut short
  int64_t value;     // a semaphore's count, a barrier's arrivals
  int64_t limit;     // a barrier's number of threads
  uint64_t version;  // unlocks after which something had changed
  uint64_t changes_at_lock;
  uintptr_t locked_pc;
  uint8_t queue[kMaxThreads];         // wait to be notified, oldest first
  uint8_t read_depth[kMaxThreads];    // how often each reader holds it
  Timestamp clock[kMaxThreads];       // published by those who released it
  Timestamp read_clock[kMaxThreads];  // … who released it from shared
};

// Forgets all objects.
void ResetSyncObjects();

// Null if nothing of any kind was used at that address so far.
SyncObject* FindSync(uintptr_t address);
// Finds or makes it. Another kind of object at the same address is gone:
// memory was used again.
SyncObject& Sync(uintptr_t address, SyncKind kind);
// The object ends. `how` completes "a mutex is destroyed while …" checks:
// finding kMisuse if it is locked or waited for.
void DestroySync(SyncObject& object, uintptr_t pc);
// Of a kind that only an init function makes: fails if it was destroyed.
void RequireAlive(const SyncObject& object, uintptr_t pc);
void MakeRobust(SyncObject& mutex);
// Was there one in this execution?
bool RobustUsed();
// The current thread ends: who waits for a robust mutex that it holds learns of
// it.
void ReleaseRobust();
// All threads have ended. Fails if one of them has left a lock of the C++
// library's locked: undefined by the standard, other than for pthread_mutex_t.
void FailIfLeftLocked();
// Every object in a range of memory that is freed ends.
void DestroySyncIn(uintptr_t begin, uintptr_t end, uintptr_t pc);
// Such a range is given out again.
void ForgetSyncIn(uintptr_t begin, uintptr_t end);

const char* NameOf(SyncKind kind);
inline constexpr char kEndlessLoop[] =
    "A thread loops without ever touching shared memory or synchronizing.";

// May another thread take it (exclusively) now?
inline bool Free(const SyncObject& lock) {
  return lock.kind == SyncKind::kSemaphore
             ? lock.value > 0
             : lock.owner < 0 && lock.readers == 0;
}
inline bool FreeToShare(const SyncObject& lock) { return lock.owner < 0; }
// The current thread tries to get it, and need not succeed: it may see others
// who hold it on a circle (spin.h).
inline void NoteAttempt(const SyncObject& lock) {
  if ((lock.circled & ~(uint32_t{1} << execution.current)) != 0) {
    Withhold(Limit::kRetries);
  }
}
// For NoteRead: what a thread looked at that found the lock taken.
inline uintptr_t FailedAttempt(const SyncObject& lock) {
  return lock.address + 1;
}
// The runner's own objects (GoogleTest's locks) are not modelled.
bool IsRunnerObject(const void* object);
inline bool Modelled(const void* object) {
  return InProgram() && (IsProgramMemory(reinterpret_cast<uintptr_t>(object)) ||
                         !IsRunnerObject(object));
}

// The current thread is about to use the object at this address: fails if the
// memory is freed, if its scope has ended, or if nothing orders this use after
// the object was made; and if its memory is freed later, with nothing to order
// that after this use.
inline void CheckUse(uintptr_t address, size_t size, uintptr_t pc) {
  if (!Arena::Contains(address) && !IsFiberStack(address)) return;
  ReadBriefly(address, size, pc);
}

// Locks and unlocks, with the checks that all kinds of exclusive locks share;
// for pthread_mutex_t in bridge/mutexes.cc.
SyncObject& MutexAt(void* mutex);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SYNC_OBJECTS_H_
