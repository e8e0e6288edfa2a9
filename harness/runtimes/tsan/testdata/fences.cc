// Programs whose order comes from stand-alone fences, which libtsan does not
// follow, and some that have fences and no order. What a test expects of tsan
// is the first word of its name.
#include <atomic>
#include <thread>

#include "labkit/labkit.h"

namespace {

// Hands `value` over by a flag of the type T, with the given orders and fences
// where they are wanted.
template <typename T>
class Letter {
 public:
  void Send(int value, bool fence, std::memory_order order) {
    value_ = value;
    if (fence) std::atomic_thread_fence(std::memory_order_release);
    sent_.store(T{1}, order);
  }
  void SendByExchange(int value) {
    value_ = value;
    std::atomic_thread_fence(std::memory_order_acq_rel);
    T none{0};
    while (
        !sent_.compare_exchange_weak(none, T{1}, std::memory_order_relaxed)) {
      none = T{0};
    }
  }
  int Receive(bool fence, std::memory_order order) {
    while (sent_.load(order) != T{1}) std::this_thread::yield();
    if (fence) std::atomic_thread_fence(std::memory_order_acquire);
    return value_;
  }
  int ReceiveByAdding() {
    while (sent_.fetch_add(T{0}, std::memory_order_relaxed) != T{1}) {
      std::this_thread::yield();
    }
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return value_;
  }

 private:
  int value_ = 0;
  std::atomic<T> sent_{T{0}};
};

template <typename Send, typename Receive>
void Exchange(Send send, Receive receive) {
  int received = 0;
  labkit::RunTogether(send, [&] { received = receive(); });
  EXPECT_EQ(received, 7);
}

constexpr auto kRelaxed = std::memory_order_relaxed;

template <typename T>
void ByFences() {
  Letter<T> letter;
  Exchange([&] { letter.Send(7, true, kRelaxed); },
           [&] { return letter.Receive(true, kRelaxed); });
}

}  // namespace

CONCURRENT_TEST(Right, FencesOnBothSides) {
  ByFences<unsigned char>();
  ByFences<short>();
  ByFences<int>();
  ByFences<long>();
}

CONCURRENT_TEST(Right, FenceAndAcquire) {
  Letter<int> letter;
  Exchange([&] { letter.Send(7, true, kRelaxed); },
           [&] { return letter.Receive(false, std::memory_order_acquire); });
}

CONCURRENT_TEST(Right, ReleaseAndFence) {
  Letter<int> letter;
  Exchange([&] { letter.Send(7, false, std::memory_order_release); },
           [&] { return letter.Receive(true, kRelaxed); });
}

CONCURRENT_TEST(Right, FencesAroundUpdates) {
  Letter<int> letter;
  Exchange([&] { letter.SendByExchange(7); },
           [&] { return letter.ReceiveByAdding(); });
}

CONCURRENT_TEST(Wrong, FencesWithoutAnAtomic) {
  int value = 0;
  int seen = 0;
  labkit::RunTogether(
      [&] {
        value = 7;
        std::atomic_thread_fence(std::memory_order_seq_cst);
      },
      [&] {
        std::atomic_thread_fence(std::memory_order_seq_cst);
        seen = value;
      });
}

CONCURRENT_TEST(Wrong, WritesAfterTheFlag) {
  int value = 0;
  int seen = 0;
  std::atomic<bool> there{false};
  labkit::RunTogether(
      [&] {
        std::atomic_thread_fence(std::memory_order_release);
        there.store(true, kRelaxed);
        value = 7;
      },
      [&] {
        while (!there.load(kRelaxed)) std::this_thread::yield();
        std::atomic_thread_fence(std::memory_order_acquire);
        seen = value;
      });
}
