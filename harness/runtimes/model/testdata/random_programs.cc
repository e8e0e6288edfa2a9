// Small programs by chance, over all that threads wait for and change. Each
// notes what it saw in a file that outlives its execution: random_programs_test
// compares what a search with reduction and one without have seen.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <latch>
#include <mutex>
#include <random>
#include <semaphore>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "labkit/labkit.h"

namespace {

// A byte for each outcome, by its hash; a row for each program.
constexpr size_t kRow = 16384;
constexpr size_t kRows = 64;
unsigned char* outcomes = nullptr;

// When the module is loaded, so that no execution undoes it.
__attribute__((constructor)) void OpenOutcomes() {
  const char* path = std::getenv("RACELAB_OUTCOMES");
  if (path == nullptr) return;
  const int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void* memory =
      mmap(nullptr, kRow * kRows, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory != MAP_FAILED) outcomes = static_cast<unsigned char*>(memory);
}

struct Objects {
  std::mutex mutex;
  std::condition_variable changed;
  bool flag = false;
  int guarded = 0;
  std::shared_mutex shared;
  int shared_value = 0;
  std::counting_semaphore<8> semaphore{1};
  std::atomic<int> number{0};
  std::atomic<bool> door{false};
  std::atomic<bool> gate{false};  // shares its waiters' place with door
  std::latch latch{1};
};

// One step: what it does, by number, and what it saw. `order` is a choice of
// memory orders.
int Step(Objects& o, unsigned kind, int operand, unsigned order) {
  const std::memory_order load[] = {std::memory_order_relaxed,
                                    std::memory_order_acquire,
                                    std::memory_order_seq_cst};
  const std::memory_order store[] = {std::memory_order_relaxed,
                                     std::memory_order_release,
                                     std::memory_order_seq_cst};
  const std::memory_order both[] = {std::memory_order_relaxed,
                                    std::memory_order_acq_rel,
                                    std::memory_order_seq_cst};
  switch (kind) {
    case 0: {
      const std::lock_guard<std::mutex> lock(o.mutex);
      const int seen = o.guarded;
      o.guarded = seen * 3 + operand;
      return seen;
    }
    case 1: {
      const std::unique_lock<std::mutex> lock(o.mutex, std::try_to_lock);
      return lock ? 1 + o.guarded : 0;
    }
    case 2: {
      const std::lock_guard<std::mutex> lock(o.mutex);
      o.flag = true;
      o.changed.notify_one();
      return 0;
    }
    case 3: {
      const std::lock_guard<std::mutex> lock(o.mutex);
      o.flag = true;
    }
      o.changed.notify_all();
      return 0;
    case 4: {
      std::unique_lock<std::mutex> lock(o.mutex);
      o.changed.wait(lock, [&] { return o.flag; });
      return 1 + o.guarded;
    }
    case 5: {
      std::unique_lock<std::mutex> lock(o.mutex);
      return 1 + o.changed.wait_for(lock, std::chrono::milliseconds(1),
                                    [&] { return o.flag; });
    }
    case 6: {
      std::shared_lock<std::shared_mutex> lock(o.shared);
      return o.shared_value;
    }
    case 7: {
      const std::lock_guard<std::shared_mutex> lock(o.shared);
      const int seen = o.shared_value;
      o.shared_value = seen * 3 + operand;
      return seen;
    }
    case 8:
      o.semaphore.release();
      return 0;
    case 9:
      o.semaphore.acquire();
      return 0;
    case 10:
      return 1 + o.semaphore.try_acquire();
    case 11:
      return o.number.load(load[order]);
    case 12:
      o.number.store(operand, store[order]);
      return 0;
    case 13:
      return o.number.fetch_add(1, both[order]);
    case 14: {
      int expected = operand - 1;
      const bool stored =
          o.number.compare_exchange_strong(expected, operand, both[order]);
      return 2 * expected + stored;
    }
    case 15:
      o.number.wait(0);
      return o.number.load(std::memory_order_relaxed);
    case 16:
      o.number.notify_one();
      return 0;
    case 17:
      o.door.store(true, store[order]);
      o.door.notify_one();
      return 0;
    case 18:
      o.gate.store(true);
      o.gate.notify_all();
      return 0;
    case 19:
      o.door.wait(false);
      return 1;
    case 20:
      o.gate.wait(false);
      return 1;
    case 21:
      return 1 + o.latch.try_wait();
    case 22:
      std::this_thread::yield();
      return 0;
    default:
      std::atomic_thread_fence(both[order]);
      return 0;
  }
}

struct Planned {
  unsigned kind;
  int operand;
  unsigned order;
};

__attribute__((no_sanitize("thread"), noinline)) void Note(
    unsigned program, const std::vector<int>& seen) {
  if (outcomes == nullptr) return;
  uint64_t hash = 1469598103934665603u;
  for (size_t i = 0; i < seen.size(); ++i) {
    hash = (hash ^ static_cast<uint64_t>(seen[i] + 77)) * 1099511628211u;
    hash ^= hash >> 29;
  }
  outcomes[program * kRow + hash % kRow] = 1;
}

using Plan = std::vector<std::vector<Planned>>;  // a row for each thread

// What chance would seldom make: waiters that all sleep before the one change.
Plan ByHand(unsigned program) {
  const Planned wait_door = {19, 0, 0}, open_door = {17, 0, 1};
  const Planned wait_number = {15, 0, 0}, notify_number = {16, 0, 0};
  const Planned wait_flag = {4, 0, 0}, set_flag = {2, 0, 0};
  const Planned set_number = {12, 1, 1};
  switch (program) {
    case 10:
      return {{wait_door}, {wait_door}, {open_door}};
    case 11:
      return {{wait_number}, {wait_number}, {set_number, notify_number}};
    case 12:
      return {{wait_flag}, {wait_flag}, {set_flag}};
    case 13:
      return {{wait_number}, {set_number}};
    default:
      return {};
  }
}

Plan ByChance(unsigned program) {
  std::minstd_rand random(program + 1);
  const auto below = [&random](unsigned limit) {
    return static_cast<unsigned>(random() >> 8) % limit;
  };
  // Few kinds in one program, and those that go together, so that its threads
  // meet.
  static constexpr unsigned kFamilies[][5] = {
      {17, 19, 19, 17, 20}, {4, 2, 3, 5, 0},      {8, 9, 10, 0, 9},
      {15, 12, 16, 13, 15}, {11, 12, 13, 14, 23}, {6, 7, 7, 11, 12},
      {17, 18, 19, 20, 12}, {21, 22, 17, 19, 1},
  };
  const unsigned(&family)[5] = kFamilies[below(8)];
  const unsigned threads = 2 + below(2);
  Plan plan(threads);
  for (auto& part : plan) {
    for (unsigned left = 1 + below(threads == 2 ? 3 : 2); left > 0; --left) {
      part.push_back(
          {family[below(5)], 1 + static_cast<int>(below(3)), below(3)});
    }
  }
  return plan;
}

void Run(unsigned program) {
  Plan plan = ByHand(program);
  if (plan.empty()) plan = ByChance(program);
  const size_t threads = plan.size();
  size_t steps = 0;
  for (const auto& part : plan) steps += part.size();
  Objects objects;
  std::vector<int> seen(steps + 2);
  {
    std::vector<std::jthread> running;
    size_t first = 0;
    for (size_t t = 0; t + 1 < threads; ++t) {
      running.emplace_back([&objects, &seen, &part = plan[t], first] {
        for (size_t i = 0; i < part.size(); ++i) {
          seen[first + i] =
              Step(objects, part[i].kind, part[i].operand, part[i].order);
        }
      });
      first += plan[t].size();
    }
    // The last one is the thread that started the others.
    for (const Planned& step : plan.back()) {
      seen[first++] = Step(objects, step.kind, step.operand, step.order);
    }
  }
  seen[steps] = objects.guarded + 100 * objects.shared_value;
  seen[steps + 1] = objects.number.load();
  Note(program, seen);
}

#define PROGRAM(n) \
  CONCURRENT_TEST(Random, P##n) { Run(n); }
#define TEN(n)  \
  PROGRAM(n##0) \
  PROGRAM(n##1) \
  PROGRAM(n##2) \
  PROGRAM(n##3) \
  PROGRAM(n##4) \
  PROGRAM(n##5) \
  PROGRAM(n##6) \
  PROGRAM(n##7) \
  PROGRAM(n##8) \
  PROGRAM(n##9)

TEN(1)
TEN(2)
TEN(3)
TEN(4)
TEN(5)

}  // namespace
