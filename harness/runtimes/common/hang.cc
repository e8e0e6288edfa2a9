#include "runtimes/common/hang.h"

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "runtimes/common/signals.h"

namespace racelab::runtimes {
namespace {

using Clock = std::chrono::steady_clock;

// How long a round may take before anybody looks, and how many equal looks in a
// row are wanted.
constexpr std::chrono::milliseconds kQuiet(100);
constexpr int kEqualLooks = 4;

uint32_t Count(const Blackboard& board) {
  return std::min<uint32_t>(board.thread_count.load(std::memory_order_acquire),
                            kMaxThreads);
}

// "Name:\tvalue" of a status file; empty if it is not there.
std::string StatusField(std::istream& status, const std::string& name) {
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with(name + ":")) {
      const size_t begin = line.find_first_not_of(" \t", name.size() + 1);
      return begin == std::string::npos ? "" : line.substr(begin);
    }
  }
  return "";
}

// Does the child catch a signal that is not one of ours? Of the first 31, those
// of InstallHandlers are fatal ones.
bool CatchesSignals(pid_t child) {
  std::ifstream status("/proc/" + std::to_string(child) + "/status");
  const std::string mask = StatusField(status, "SigCgt");
  if (mask.empty()) return true;
  uint64_t caught = 0;
  std::istringstream(mask) >> std::hex >> caught;
  uint64_t ours = 0;
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) {
    ours |= uint64_t{1} << (signal - 1);
  }
  return (caught & 0x7fffffff & ~ours) != 0;
}

}  // namespace

HangWatch::HangWatch(const Blackboard& board, double too_long_seconds)
    : board_(board), too_long_(too_long_seconds), since_(Clock::now()) {}

bool HangWatch::AllBlocked(pid_t child, std::vector<Task>& tasks) const {
  const std::string folder = "/proc/" + std::to_string(child) + "/task";
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  if (error) return false;
  for (const auto& entry : entries) {
    Task task;
    std::istringstream(entry.path().filename().string()) >> task.tid;
    if (std::ranges::any_of(board_.runtime_tids, [&](const auto& tid) {
          return tid.load(std::memory_order_acquire) == task.tid;
        })) {
      continue;
    }
    const ThreadSlot* slot = nullptr;
    for (uint32_t i = 0; i < Count(board_); ++i) {
      if (board_.threads[i].tid.load(std::memory_order_acquire) == task.tid) {
        slot = &board_.threads[i];
        task.slot = i;
      }
    }
    if (slot == nullptr) return false;
    task.kind = slot->wait_kind.load(std::memory_order_acquire);
    task.object = slot->wait_object.load(std::memory_order_relaxed);
    if (task.kind == WaitKind::kNone ||
        slot->wait_timed.load(std::memory_order_relaxed)) {
      return false;
    }
    std::ifstream stat(entry.path() / "stat");
    std::string line;
    if (!std::getline(stat, line)) return false;
    std::istringstream fields(
        line.substr(std::min(line.size(), line.rfind(')') + 1)));
    std::string state, skipped;
    fields >> state;
    if (state != "S") return false;
    for (int i = 0; i < 10; ++i) fields >> skipped;
    uint64_t user = 0, system = 0;
    if (!(fields >> user >> system)) return false;
    task.cpu = user + system;
    std::ifstream status(entry.path() / "status");
    const std::string voluntary =
        StatusField(status, "voluntary_ctxt_switches");
    const std::string forced =
        StatusField(status, "nonvoluntary_ctxt_switches");
    if (voluntary.empty() || forced.empty()) return false;
    task.switches = std::stoull(voluntary) + std::stoull(forced);
    tasks.push_back(task);
  }
  return !tasks.empty();
}

HangWatch::State HangWatch::Look(pid_t child) {
  const auto now = Clock::now();
  const uint64_t rounds = board_.rounds.load(std::memory_order_acquire);
  const uint32_t running = board_.running.load(std::memory_order_acquire);
  if (running == 0 || running != running_ || rounds != rounds_) {
    rounds_ = rounds;
    running_ = running;
    since_ = now;
    last_.clear();
    same_ = 0;
    // Loading and reporting have their own limit, the same one.
    return State::kGoing;
  }
  if (now - since_ < kQuiet) return State::kGoing;
  std::vector<Task> tasks;
  if (AllBlocked(child, tasks)) {
    std::ranges::sort(tasks, {}, &Task::tid);
    same_ = tasks == last_ ? same_ + 1 : 0;
    last_ = std::move(tasks);
    if (same_ >= kEqualLooks && !CatchesSignals(child)) {
      return State::kDeadlocked;
    }
  } else {
    last_.clear();
    same_ = 0;
  }
  return now - since_ > too_long_ ? State::kTooLong : State::kGoing;
}

std::vector<HangingThread> WhereAreThreads(pid_t child,
                                           const Blackboard& board) {
  std::vector<uint32_t> asked;
  std::vector<uint32_t> before(kMaxThreads);
  for (uint32_t i = 0; i < Count(board); ++i) {
    const ThreadSlot& slot = board.threads[i];
    const int tid = slot.tid.load(std::memory_order_acquire);
    if (tid <= 0 || slot.finished.load(std::memory_order_acquire)) continue;
    before[i] = slot.stack_seq.load(std::memory_order_acquire);
    // tgkill fails if the slot names a thread of another process.
    if (syscall(SYS_tgkill, child, tid, WhereSignal()) == 0) asked.push_back(i);
  }
  const auto until = Clock::now() + std::chrono::milliseconds(500);
  const auto answered = [&](uint32_t i) {
    return board.threads[i].stack_seq.load(std::memory_order_acquire) !=
           before[i];
  };
  while (!std::ranges::all_of(asked, answered) && Clock::now() < until) {
    const timespec pause = {0, 2000000};
    nanosleep(&pause, nullptr);
  }
  std::vector<HangingThread> threads;
  for (const uint32_t i : asked) {
    const ThreadSlot& slot = board.threads[i];
    HangingThread thread;
    thread.index = i;
    thread.kind = slot.wait_kind.load(std::memory_order_acquire);
    thread.timed = slot.wait_timed.load(std::memory_order_relaxed);
    thread.object = slot.wait_object.load(std::memory_order_relaxed);
    if (answered(i)) {
      const uint32_t size = std::min<uint32_t>(
          slot.stack.size.load(std::memory_order_acquire), kMaxFrames);
      for (uint32_t f = 0; f < size; ++f) {
        thread.stack.push_back(
            slot.stack.frames[f].load(std::memory_order_relaxed));
      }
    }
    if (thread.kind == WaitKind::kMutex) {
      pthread_mutex_t mutex;
      iovec local = {&mutex, sizeof mutex};
      iovec remote = {reinterpret_cast<void*>(thread.object), sizeof mutex};
      if (process_vm_readv(child, &local, 1, &remote, 1, 0) ==
          static_cast<ssize_t>(sizeof mutex)) {
        for (uint32_t owner = 0; owner < Count(board); ++owner) {
          if (board.threads[owner].tid.load(std::memory_order_acquire) ==
                  mutex.__data.__owner &&
              mutex.__data.__owner != 0) {
            thread.held_by = static_cast<int>(owner);
          }
        }
      }
    } else if (thread.kind == WaitKind::kJoin) {
      for (uint32_t other = 0; other < Count(board); ++other) {
        // The object is the slot's address in the child: the mapping is the
        // same, as it was made before the fork.
        if (thread.object ==
            reinterpret_cast<uintptr_t>(&board.threads[other])) {
          thread.held_by = static_cast<int>(other);
        }
      }
    }
    threads.push_back(std::move(thread));
  }
  return threads;
}

}  // namespace racelab::runtimes
