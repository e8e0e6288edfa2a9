#ifndef SUSHI_TABLE_H_
#define SUSHI_TABLE_H_

#include <mutex>
#include <semaphore>
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
  Table(int seats, Meal& meal)
      : sticks_(seats), chairs_(seats - 1), meal_(meal) {}

  // The guest at this seat takes his sticks, eats, and puts them back.
  void Dine(int seat);

 private:
  std::vector<std::mutex> sticks_;
  std::counting_semaphore<> chairs_;  // one fewer than seats
  Meal& meal_;
};

}  // namespace sushi

#endif  // SUSHI_TABLE_H_
