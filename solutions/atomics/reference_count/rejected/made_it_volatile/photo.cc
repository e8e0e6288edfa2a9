#include "photo.h"

void Retain(Photo* photo) {
  photo->holders.fetch_add(1, std::memory_order_relaxed);
}

void Release(Photo* photo) {
  volatile int left =
      photo->holders.fetch_sub(1, std::memory_order_relaxed) - 1;
  if (left == 0) delete photo;
}
