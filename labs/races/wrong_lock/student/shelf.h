// A shelf of the warehouse. Lorries deliver crates to it, pickers take them
// away, and at stocktaking clerks write down what is there.
//
// Contract
//   - Any number of lorries, pickers and clerks (threads) may work at the same
//     shelf at the same time.
//   - A shelf's number of crates and its weight always belong together: a
//     picker takes a crate only if there is one, and that much weight in all.
//   - While a clerk writes, his shelf does not change. Writing takes long.
//   - Work at different shelves goes on at the same time: nobody at one shelf
//     waits for somebody at another.
//
// The public part stays as it is; the private part is yours.

#ifndef WAREHOUSE_SHELF_H_
#define WAREHOUSE_SHELF_H_

#include <mutex>

namespace warehouse {

// Comes round at stocktaking. May be at several shelves in several threads.
class Clerk {
 public:
  virtual ~Clerk() = default;
  virtual void Write(int crates, int kilos) = 0;
};

class Shelf {
 public:
  // A crate has come.
  void Deliver(int kilos);

  // Takes a crate of this weight away. False, and nothing is taken, if there is
  // no crate or less weight than that on the shelf.
  bool Pick(int kilos);

  // Lets the clerk write down what is here.
  void Count(Clerk& clerk) const;

 private:
  std::mutex delivering_;
  std::mutex picking_;
  int crates_ = 0;
  int kilos_ = 0;
};

}  // namespace warehouse

#endif  // WAREHOUSE_SHELF_H_
