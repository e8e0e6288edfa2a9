// A round table in a sushi bar. Between every two seats lies one chopstick, and
// to eat one needs two.
//
// Seats are numbered 0 … n-1. Seat i has stick i on its left and stick (i+1)
// mod n on its right.
//
// Contract
//   - Any number of guests (threads) dine at the same time, each at a seat of
//     his own.
//   - A guest eats while he holds both of his sticks. So neighbours never eat
//     at the same time.
//   - Every guest gets to eat, and every call of Dine() comes to an end.
//   - Guests who are not neighbours can eat at the same time.
//   - Who eats or waits at one table keeps nobody at another one from eating.
//
// The public functions stay as they are; the private part is yours.

#ifndef SUSHI_TABLE_H_
#define SUSHI_TABLE_H_

#include <mutex>
#include <vector>

namespace sushi {

// What is served. May be called for several seats at the same time.
class Meal {
 public:
  virtual ~Meal() = default;
  virtual void Eat(int seat) = 0;
};

class Table {
 public:
  // At least two seats, perhaps hundreds. `meal` outlives the table.
  Table(int seats, Meal& meal) : sticks_(seats), meal_(meal) {}

  // The guest at this seat takes his sticks, eats, and puts them back.
  void Dine(int seat);

 private:
  std::vector<std::mutex> sticks_;
  Meal& meal_;
};

}  // namespace sushi

#endif  // SUSHI_TABLE_H_
