// A lock for two, made of three words of memory.

#ifndef ANTENNA_LOCK_H_
#define ANTENNA_LOCK_H_

#include <memory>

// Contract:
//   - two instruments, 0 and 1, call Lock(me) and Unlock(me), each from a
//     thread of its own; between the two calls an instrument has the antenna;
//   - never have both the antenna;
//   - what one did before Unlock, the other sees after its next Lock;
//   - an instrument that wants in gets in, however often the other one comes
//     back, and does not wait for one that does not want to.
class AntennaLock {
 public:
  AntennaLock();
  ~AntennaLock();
  AntennaLock(const AntennaLock&) = delete;
  AntennaLock& operator=(const AntennaLock&) = delete;

  void Lock(int me);
  void Unlock(int me);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

#endif  // ANTENNA_LOCK_H_
