#include "photo.h"

#include <mutex>

namespace {
std::mutex count_mutex;
}  // namespace

void Retain(Photo* photo) {
  std::lock_guard<std::mutex> lock(count_mutex);
  photo->holders.fetch_add(1);
}

void Release(Photo* photo) {
  {
    std::lock_guard<std::mutex> lock(count_mutex);
    photo->holders.fetch_sub(1);
  }
  std::unique_lock<std::mutex> lock(count_mutex);
  if (photo->holders.load() == 0) {
    lock.unlock();
    delete photo;
  }
}
