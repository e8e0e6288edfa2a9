// Memory that a child running real threads shares with its runner: what each
// thread is doing, readable from outside whatever becomes of the child.
//
// Thread safety: every field is atomic and has one writer at a time, the thread
// that the slot belongs to (its creator, before it starts). Readers in the
// parent use acquire loads against the release stores of threads.cc, which
// publish the fields written before `tid` and before `wait_kind`. The parent
// trusts nothing here further than it must: indices and sizes are checked
// against the arrays.

#ifndef RACELAB_RUNTIMES_COMMON_BLACKBOARD_H_
#define RACELAB_RUNTIMES_COMMON_BLACKBOARD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace racelab::runtimes {

// What a thread is blocked on, as the pthread call says.
enum class WaitKind : uint32_t {
  kNone,
  kMutex,
  kRwLock,
  kCondition,
  kSemaphore,
  kJoin,
  kBarrier,
  kFutex,  // std::latch, std::atomic::wait, absl::Mutex, …
  kSleep,
};

inline constexpr size_t kMaxThreads = 128;
inline constexpr size_t kMaxFrames = 48;

// A call stack: code addresses, innermost first.
struct SharedStack {
  std::atomic<uint32_t> size{0};
  std::atomic<uintptr_t> frames[kMaxFrames]{};
};

struct ThreadSlot {
  std::atomic<int> tid{0};  // 0: the slot is free, or its thread not yet there
  std::atomic<bool> finished{false};
  std::atomic<bool> joined{false};
  std::atomic<bool> detached{false};
  std::atomic<uintptr_t> handle{0};  // pthread_t
  std::atomic<WaitKind> wait_kind{WaitKind::kNone};
  std::atomic<bool> wait_timed{false};  // ends by itself
  std::atomic<uintptr_t> wait_object{0};
  SharedStack created_at;
  SharedStack stack;                   // answer to the parent's question
  std::atomic<uint32_t> stack_seq{0};  // counts the answers

  uint32_t index = 0;  // of this slot, written once

  // For the new thread only; written by its creator before it starts.
  void* (*routine)(void*) = nullptr;
  void* argument = nullptr;
  uint32_t gate = 0;
};

struct Blackboard {
  std::atomic<uintptr_t> module_begin{0};  // where the module was loaded
  std::atomic<uintptr_t> module_end{0};
  std::atomic<uintptr_t> module_bias{0};
  std::atomic<uint64_t> rounds{0};   // completed
  std::atomic<uint32_t> running{0};  // 1 while the scenario's code runs
  // Threads that the runtime itself had before the scenario (libtsan's), and
  // the child's own watchers; 0 ends the list.
  std::atomic<int> runtime_tids[8]{};
  std::atomic<uint32_t> thread_count{0};  // slots used, kMaxThreads at most
  ThreadSlot threads[kMaxThreads];
};

// Shared with every child forked afterwards. Null: no memory.
struct Unmap {
  void operator()(Blackboard* blackboard) const;
};
using SharedBlackboard = std::unique_ptr<Blackboard, Unmap>;
SharedBlackboard NewBlackboard();

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_BLACKBOARD_H_
