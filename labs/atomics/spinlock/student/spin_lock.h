// A lock of one word, for critical sections of a few nanoseconds.

#ifndef SPIN_LOCK_H_
#define SPIN_LOCK_H_

#include <atomic>
#include <cstdint>

// Contract:
//   - at most one thread has the lock;
//   - what an owner did before unlock(), the next owner sees;
//   - lock() waits; try_lock() does not: it takes a free lock and returns true,
//     and returns false only if somebody has it, be it the caller himself – has
//     it, not: is trying to get it;
//   - it never wears out, however often it is taken;
//   - it works with std::lock_guard and std::unique_lock, hence the names.
// Only the owner calls unlock().
class SpinLock {
 public:
  void lock();
  bool try_lock();
  void unlock();

 private:
  std::atomic<uint32_t> word_{0};  // 0: free
};

#endif  // SPIN_LOCK_H_
