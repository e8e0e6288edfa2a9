// Where the workers of a simulation wait for each other after every step.

#ifndef STEP_BARRIER_H_
#define STEP_BARRIER_H_

#include <memory>

// Contract: with `parties` workers that each call ArriveAndWait() once a step,
//   - nobody returns from their n-th call before everybody has made theirs;
//   - once everybody has, everybody returns;
//   - what a worker wrote before its n-th call, the others see after theirs.
// The barrier is used again and again, by however many workers. It outlives
// them. There may be other barriers beside it.
class StepBarrier {
 public:
  explicit StepBarrier(int parties);
  ~StepBarrier();
  StepBarrier(const StepBarrier&) = delete;
  StepBarrier& operator=(const StepBarrier&) = delete;

  void ArriveAndWait();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

#endif  // STEP_BARRIER_H_
