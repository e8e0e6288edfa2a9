#include "photo.h"

#include <mutex>

namespace {
// Not in the photo: the last one out would delete a locked mutex.
std::mutex holders_mutex;
}  // namespace

void Retain(Photo* photo) {
  std::lock_guard<std::mutex> lock(holders_mutex);
  photo->holders.store(photo->holders.load(std::memory_order_relaxed) + 1,
                       std::memory_order_relaxed);
}

void Release(Photo* photo) {
  std::unique_lock<std::mutex> lock(holders_mutex);
  const int left = photo->holders.load(std::memory_order_relaxed) - 1;
  photo->holders.store(left, std::memory_order_relaxed);
  lock.unlock();
  if (left == 0) delete photo;
}
