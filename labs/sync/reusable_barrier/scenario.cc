#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "labkit/labkit.h"
#include "step_barrier.h"

namespace {

// Two workers, two steps. Each writes its piece of the rod for the step, meets
// the other, and reads the other's piece, which must be of that step: not of
// the one before, and not written over by the next.
CONCURRENT_TEST(StepBarrier, NobodyRunsAheadOfTheOthers) {
  constexpr int kSteps = 2;
  StepBarrier alone(1);  // that one worker has met at another barrier before
  alone.ArriveAndWait();
  StepBarrier barrier(2);
  // A row per step, so that a worker who runs ahead harms nobody's memory, only
  // the result.
  std::array<std::array<int, 2>, kSteps> rod = {};
  auto work = [&](int me) {
    const int other = 1 - me;
    for (int step = 0; step < kSteps; ++step) {
      rod[step][me] = step + 1;
      barrier.ArriveAndWait();
      EXPECT_EQ(rod[step][other], step + 1)
          << "a worker left the barrier of step " << step
          << " before the other had arrived at it";
    }
  };
  std::thread second(work, 1);
  work(0);
  second.join();
}

// Three workers meet once: whoever comes last must let both others go.
CONCURRENT_TEST(StepBarrier, EverybodyGetsThrough) {
  StepBarrier barrier(3);
  std::array<int, 3> done = {};
  auto work = [&](int me) {
    done[me] = 1;
    barrier.ArriveAndWait();
    EXPECT_EQ(done[0] + done[1] + done[2], 3);
  };
  std::thread second(work, 1);
  std::thread third(work, 2);
  work(0);
  second.join();
  third.join();
}

// Four workers meet three times: one is back at the barrier before another has
// left, and all come back to whatever a barrier has two of.
CONCURRENT_TEST(StepBarrier, NobodyIsForgotten) {
  constexpr int kWorkers = 4;
  StepBarrier barrier(kWorkers);
  // Counted by relaxed read-modify-writes: they order nothing, and never read
  // an old value.
  std::array<std::atomic<int>, 3> here = {};
  auto work = [&] {
    for (std::atomic<int>& at_this_step : here) {
      at_this_step.fetch_add(1, std::memory_order_relaxed);
      barrier.ArriveAndWait();
      EXPECT_EQ(at_this_step.fetch_add(0, std::memory_order_relaxed), kWorkers)
          << "a worker left the barrier before all had arrived at it";
    }
  };
  labkit::RunTogether(work, work, work, work);
}

CONCURRENT_TEST(StepBarrier, OneWorkerNeverWaits) {
  StepBarrier for_both(2);
  StepBarrier barrier(1);
  int steps = 0;
  std::thread other([&] {
    for_both.ArriveAndWait();
    EXPECT_EQ(steps, 5) << "steps at one barrier let a worker go who waits at "
                           "another one";
  });
  // Often enough to come back to whatever a barrier has two of, or three.
  for (; steps < 5; ++steps) barrier.ArriveAndWait();
  for_both.ArriveAndWait();
  other.join();
}

// A long rod: as many workers as there may be pieces.
CONCURRENT_TEST(StepBarrier, HasRoomForMany) {
  constexpr int kWorkers = 12;
  StepBarrier barrier(kWorkers);
  std::atomic<int> arrivals = 0;
  auto work = [&] {
    for (int step = 1; step <= 2; ++step) {
      arrivals.fetch_add(1, std::memory_order_relaxed);
      barrier.ArriveAndWait();
      EXPECT_GE(arrivals.fetch_add(0, std::memory_order_relaxed),
                step * kWorkers)
          << "a worker left the barrier before all had arrived at it";
    }
  };
  std::vector<std::thread> workers;
  for (int i = 0; i < kWorkers; ++i) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
}

// More steps than fit into 16 bits. A worker who does not come back from one of
// them fails the test: nobody else could wake him.
TEST(StepBarrier, LastsForALongSimulation) {
  StepBarrier barrier(1);
  for (int step = 0; step < 70'000; ++step) barrier.ArriveAndWait();
}

}  // namespace
