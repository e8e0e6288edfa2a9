#include "shelf.h"

namespace warehouse {
namespace {

// Clerks come to the shelves in turn.
std::mutex queue;

}  // namespace

void Shelf::Deliver(int kilos) {
  std::lock_guard<std::mutex> guard(lock_);
  ++crates_;
  kilos_ += kilos;
}

bool Shelf::Pick(int kilos) {
  std::lock_guard<std::mutex> guard(lock_);
  if (crates_ == 0 || kilos_ < kilos) return false;
  --crates_;
  kilos_ -= kilos;
  return true;
}

void Shelf::Count(Clerk& clerk) const {
  queue.lock();
  lock_.lock();
  queue.unlock();  // before he writes, which takes long
  clerk.Write(crates_, kilos_);
  lock_.unlock();
}

}  // namespace warehouse
