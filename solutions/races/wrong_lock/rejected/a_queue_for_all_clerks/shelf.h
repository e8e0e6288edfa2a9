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
  mutable std::mutex lock_;
  int crates_ = 0;  // guarded by lock_
  int kilos_ = 0;   // guarded by lock_
};

}  // namespace warehouse

#endif  // WAREHOUSE_SHELF_H_
