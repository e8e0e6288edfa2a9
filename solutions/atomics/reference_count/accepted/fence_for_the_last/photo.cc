#include "photo.h"

void Retain(Photo* photo) {
  photo->holders.fetch_add(1, std::memory_order_relaxed);
}

void Release(Photo* photo) {
  // Release: publishes what this holder did to whoever is last.
  if (photo->holders.fetch_sub(1, std::memory_order_release) == 1) {
    // Acquire, for the last one only: it receives what all the others
    // published.
    std::atomic_thread_fence(std::memory_order_acquire);
    delete photo;
  }
}
