// Addresses that are given out again while somebody still compares with them.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <semaphore>
#include <thread>

#include "labkit/labkit.h"

namespace {

struct Node {
  Node* next = nullptr;
};

// A stack of a and b. One thread pops a, but is slow: between its look at the
// top and its exchange, the other one pops both and pushes a new node.
std::atomic<Node*> top{nullptr};
std::binary_semaphore looked{0};

Node* Pop() {
  Node* old = top.load();
  while (old != nullptr && !top.compare_exchange_strong(old, old->next)) {
  }
  return old;
}
void Push(Node* node) {
  node->next = top.load();
  while (!top.compare_exchange_strong(node->next, node)) {
  }
}

// The same, with a number that every change counts up.
struct alignas(16) Top {
  Node* node = nullptr;
  uintptr_t changes = 0;
};
std::atomic<Top> counted{Top{}};

Node* PopCounted() {
  Top old = counted.load();
  while (old.node != nullptr &&
         !counted.compare_exchange_strong(
             old, Top{old.node->next, old.changes + 1})) {
  }
  return old.node;
}
void PushCounted(Node* node) {
  Top old = counted.load();
  do {
    node->next = old.node;
  } while (!counted.compare_exchange_strong(old, Top{node, old.changes + 1}));
}

int Clear(Node* node) {
  int count = 0;
  while (node != nullptr) {
    Node* next = node->next;
    delete node;
    node = next;
    ++count;
  }
  return count;
}

std::mutex mutex;
std::unique_ptr<Node> kept;

}  // namespace

CONCURRENT_TEST(Wrong, StackComparesAddresses) {
  Push(new Node);
  Push(new Node);
  Node* popped = nullptr;
  labkit::RunTogether(
      [&] {
        Node* old = top.load();
        Node* next = old->next;
        looked.release();
        if (top.compare_exchange_strong(old, next)) popped = old;
      },
      [] {
        looked.acquire();
        delete Pop();
        delete Pop();
        Push(new Node);
      });
  delete popped;
  Clear(top.load());
}
CONCURRENT_TEST(Right, StackCountsItsChanges) {
  PushCounted(new Node);
  PushCounted(new Node);
  Node* popped = nullptr;
  labkit::RunTogether(
      [&] {
        Top old = counted.load();
        const Top next{old.node->next, old.changes + 1};
        looked.release();
        if (counted.compare_exchange_strong(old, next)) popped = old.node;
      },
      [] {
        looked.acquire();
        delete PopCounted();
        delete PopCounted();
        PushCounted(new Node);
      });
  delete popped;
  Clear(counted.load().node);
}

// Both are tried: the same address, and another one.
CONCURRENT_TEST(Right, AddressMayBeTheSame) {
  EXPECT_REACHABLE("the same");
  EXPECT_REACHABLE("another");
  top.store(new Node);
  static std::binary_semaphore replaced{0};
  labkit::RunTogether(
      [] {
        const Node* seen = top.load();
        looked.release();
        replaced.acquire();
        if (top.load() == seen) {
          REACHED("the same");
        } else {
          REACHED("another");
        }
      },
      [] {
        looked.acquire();
        delete top.load();
        top.store(new Node);
        replaced.release();
      });
  Clear(top.load());
}

// Nobody compares with the address: these two take equally many executions.
CONCURRENT_TEST(Right, FreshNodes) {
  auto make = [] {
    std::lock_guard lock(mutex);
    if (kept == nullptr) kept = std::make_unique<Node>();
  };
  labkit::RunTogether(make, make, make);
  kept.reset();
}
CONCURRENT_TEST(Right, FreedNodes) {
  auto make = [] {
    std::lock_guard lock(mutex);
    kept.reset();
    kept = std::make_unique<Node>();
  };
  labkit::RunTogether(make, make, make);
  kept.reset();
}
