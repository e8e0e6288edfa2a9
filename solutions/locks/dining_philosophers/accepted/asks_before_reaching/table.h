#ifndef SUSHI_TABLE_H_
#define SUSHI_TABLE_H_

#include <condition_variable>
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
  Table(int seats, Meal& meal) : taken_(seats, false), meal_(meal) {}

  // The guest at this seat takes his sticks, eats, and puts them back.
  void Dine(int seat);

 private:
  std::mutex lock_;
  std::condition_variable put_back_;
  std::vector<bool> taken_;  // guarded by lock_
  Meal& meal_;
};

}  // namespace sushi

#endif  // SUSHI_TABLE_H_
