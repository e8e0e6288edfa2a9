#include "shelf.h"

#include <condition_variable>

namespace warehouse {
namespace {

// One lock for all signs: held only while a sign is read or turned, never while
// somebody works or writes.
std::mutex hall;
std::condition_variable sign_turned;

}  // namespace

void Shelf::TakePlace() const {
  std::unique_lock<std::mutex> guard(hall);
  sign_turned.wait(guard, [this] { return !occupied_; });
  occupied_ = true;
}

void Shelf::LeavePlace() const {
  {
    std::lock_guard<std::mutex> guard(hall);
    occupied_ = false;
  }
  // All: somebody may be waiting for another shelf than ours.
  sign_turned.notify_all();
}

void Shelf::Deliver(int kilos) {
  TakePlace();
  ++crates_;
  kilos_ += kilos;
  LeavePlace();
}

bool Shelf::Pick(int kilos) {
  TakePlace();
  const bool there = crates_ > 0 && kilos_ >= kilos;
  if (there) {
    --crates_;
    kilos_ -= kilos;
  }
  LeavePlace();
  return there;
}

void Shelf::Count(Clerk& clerk) const {
  TakePlace();
  clerk.Write(crates_, kilos_);
  LeavePlace();
}

}  // namespace warehouse
