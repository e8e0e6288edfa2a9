// What a scenario includes: tests that every engine can run.
//
//   #include "counter.h"        // the student's
//   #include "labkit/labkit.h"
//
//   CONCURRENT_TEST(Counter, NoIncrementIsLost) {
//     const int n = labkit::ByEngine{.model = 1, .tsan = 1000,
//                                    .stress = 20000}.get();
//     labkit::RunTogether([&] { for (int i = 0; i < n; ++i) increment(); },
//                         [&] { for (int i = 0; i < n; ++i) increment(); });
//     EXPECT_EQ(value(), 2 * n);
//   }
//
//   TEST(Counter, StartsAtZero) { EXPECT_EQ(value(), 0); }
//
// What the engines do with a CONCURRENT_TEST
//
//   tsan    a few runs of real threads; every happens-before race is a failure
//   stress  thousands of rounds of real threads, as fast and as late as may be
//   model   every interleaving of the body, and every value that a load may
//           return; ends when there is none left (or its budget is spent)
//
// A body is run again and again. Before each time the module's globals,
// function statics and thread_locals are back at what they were after loading,
// so a body may change them at will. It must
//   - join every thread that it starts: a thread left over is a leak;
//   - do the same thing each time: no clock, no random device, no address in a
//     decision, no files. The model checks this, and says so where it is not.
// It may use everything that a student may: std::thread, std::jthread, mutexes,
// semaphores, <atomic>, absl::Mutex, pthread_*, exceptions, the heap.
//
// EXPECT_* and ASSERT_* are GoogleTest's, in any thread. ASSERT_* returns from
// the function or lambda that it stands in.
//
// Sizes. The model explores every interleaving, so give it the smallest program
// that can go wrong: two threads, one or two operations each. More finds
// nothing new and may not be exhausted within the lab's budget. Real threads
// need many operations to collide at all. ByEngine says both in one place.
//
// Thread safety: everything here may be used from any thread of a scenario.

#ifndef RACELAB_LABKIT_LABKIT_H_
#define RACELAB_LABKIT_LABKIT_H_

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <thread>
#include <utility>

#include "labkit/hooks.h"

// A test whose body each engine runs many times. Suite and Name follow
// GoogleTest's rules (no underscores); lab.toml calls it "Suite.Name".
#define CONCURRENT_TEST(Suite, Name)                                    \
  static void Suite##_##Name##_RacelabBody();                           \
  [[maybe_unused]] static const int Suite##_##Name##_racelab_declared = \
      ::racelab_declare_concurrent(#Suite, #Name, __FILE__, __LINE__,   \
                                   &Suite##_##Name##_RacelabBody);      \
  TEST(Suite, Name) {                                                   \
    ::racelab_run_concurrent(#Suite, #Name, __FILE__, __LINE__,         \
                             &Suite##_##Name##_RacelabBody);            \
  }                                                                     \
  static void Suite##_##Name##_RacelabBody()

// Reachability: how over-synchronization is graded without a clock. A lab that
// asks for concurrency names a state that only a concurrent program can be in,
// and the model must find an execution that gets there:
//
//   static labkit::Occupancy readers;
//
//   CONCURRENT_TEST(Cache, TwoReadersAtOnce) {
//     EXPECT_REACHABLE("two readers inside at once");
//     auto read = [] {
//       cache.Read([](const Entry&) {  // called back while it is locked
//         if (readers.Enter() == 2) REACHED("two readers inside at once");
//         readers.Leave();
//       });
//     };
//     labkit::RunTogether(read, read);
//   }
//
// A label that the test expects and that no execution reached fails it with
// kind "unreachable" – if the search was exhausted; after a spent budget it is
// inconclusive. tsan and stress only count REACHED: that they did not get there
// proves nothing. Labels are string literals, compared by text, and belong to
// the test that runs. EXPECT_REACHABLE stands first in the body.
#define REACHED(label) ::racelab_reached("" label, __FILE__, __LINE__)
#define EXPECT_REACHABLE(label) \
  ::racelab_expect_reachable("" label, __FILE__, __LINE__)

namespace labkit {

// What racelab_engine() returns.
enum class EngineId : int { kModel = 0, kTsan = 1, kStress = 2, kProcess = 3 };

inline EngineId CurrentEngine() {
  return static_cast<EngineId>(::racelab_engine());
}

// Is T one of the language's own numbers, by value or by reference? What a test
// compares should be: where students write the header, a class of theirs could
// equal anything.
//
//   static_assert(labkit::kIsNumber<decltype(std::declval<Bank&>().Total())>,
//                 "Bank::Total() gives a number");
template <typename T>
inline constexpr bool kIsNumber = false;
template <typename T>
inline constexpr bool kIsNumber<const T> = kIsNumber<T>;
template <typename T>
inline constexpr bool kIsNumber<T&> = kIsNumber<T>;
template <typename T>
inline constexpr bool kIsNumber<T&&> = kIsNumber<T>;
template <>
inline constexpr bool kIsNumber<bool> = true;
template <>
inline constexpr bool kIsNumber<char> = true;
template <>
inline constexpr bool kIsNumber<signed char> = true;
template <>
inline constexpr bool kIsNumber<unsigned char> = true;
template <>
inline constexpr bool kIsNumber<short> = true;
template <>
inline constexpr bool kIsNumber<unsigned short> = true;
template <>
inline constexpr bool kIsNumber<int> = true;
template <>
inline constexpr bool kIsNumber<unsigned> = true;
template <>
inline constexpr bool kIsNumber<long> = true;
template <>
inline constexpr bool kIsNumber<unsigned long> = true;
template <>
inline constexpr bool kIsNumber<long long> = true;
template <>
inline constexpr bool kIsNumber<unsigned long long> = true;
template <>
inline constexpr bool kIsNumber<double> = true;

// A size for each engine: ByEngine{.model = 2, .tsan = 1000, .stress = 100000}.
// One that is left out is that of the engine before it (process takes stress's,
// stress tsan's, tsan the model's); the model's own default is 1.
struct ByEngine {
  static constexpr long kAsBefore = -1;

  long model = 1;
  long tsan = kAsBefore;
  long stress = kAsBefore;
  long process = kAsBefore;

  int get() const { return static_cast<int>(For(CurrentEngine())); }

  constexpr long For(EngineId engine) const {
    const long for_tsan = tsan == kAsBefore ? model : tsan;
    const long for_stress = stress == kAsBefore ? for_tsan : stress;
    switch (engine) {
      case EngineId::kModel:
        return model;
      case EngineId::kTsan:
        return for_tsan;
      case EngineId::kStress:
        return for_stress;
      case EngineId::kProcess:
        return process == kAsBefore ? for_stress : process;
    }
    return model;
  }
};

// Runs each function on a thread of its own and returns when all of them have
// ended. The same as a std::thread and a join() for each; starting and joining
// order what the functions do only before and after, never among themselves.
template <typename... Functions>
void RunTogether(Functions&&... functions) {
  std::thread threads[] = {std::thread(std::forward<Functions>(functions))...};
  for (std::thread& thread : threads) thread.join();
}

// Runs function(0) … function(count - 1), each on a thread of its own. At most
// kMaxThreads; the model's own limit is lower, and it says so.
inline constexpr int kMaxThreads = 64;
template <typename Function>
void RunThreads(int count, Function function) {
  std::thread threads[kMaxThreads];
  if (count > kMaxThreads) count = kMaxThreads;
  for (int i = 0; i < count; ++i) threads[i] = std::thread(function, i);
  for (int i = 0; i < count; ++i) threads[i].join();
}

// How many threads are in a part of the program just now.
//
//   if (writers.Enter() != 1) ADD_FAILURE() << "two writers at once";
//   writers.Leave();
//
// Relaxed on purpose: each call is a step that the model can switch at, and
// none of them orders anything, so an Occupancy neither hides a race nor
// reports one of its own.
class Occupancy {
 public:
  constexpr Occupancy() = default;

  // How many are inside, the caller included.
  int Enter() { return inside_.fetch_add(1, std::memory_order_relaxed) + 1; }
  void Leave() { inside_.fetch_sub(1, std::memory_order_relaxed); }
  int now() const { return inside_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int> inside_{0};
};

}  // namespace labkit

#endif  // RACELAB_LABKIT_LABKIT_H_
