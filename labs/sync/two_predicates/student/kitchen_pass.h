// The shelf between kitchen and dining room, with room for one plate.

#ifndef KITCHEN_PASS_H_
#define KITCHEN_PASS_H_

#include <memory>

// Contract:
//   - Put(plate) waits while the pass is taken, then puts the plate there;
//   - Take() waits while it is empty, then takes the plate away;
//   - every plate is taken once, in the order in which they were put;
//   - nobody waits for ever while there is something to do for them.
// Any number of cooks put and any number of waiters take. A plate's number is
// any positive int.
class KitchenPass {
 public:
  KitchenPass();
  ~KitchenPass();
  KitchenPass(const KitchenPass&) = delete;
  KitchenPass& operator=(const KitchenPass&) = delete;

  void Put(int plate);
  int Take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

#endif  // KITCHEN_PASS_H_
