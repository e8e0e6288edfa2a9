#include "photo.h"

void Retain(Photo* photo) {
  // Relaxed: the caller holds the photo, so it cannot go away, and nothing is
  // handed over.
  photo->holders.fetch_add(1, std::memory_order_relaxed);
}

void Release(Photo* photo) {
  // Release: publishes what this holder did to whoever is last.
  // Acquire: the last one receives what all the others published. The others
  // receive it as well and have no use for it.
  if (photo->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    delete photo;
  }
}
