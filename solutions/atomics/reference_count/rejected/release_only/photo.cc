#include "photo.h"

void Retain(Photo* photo) {
  photo->holders.fetch_add(1, std::memory_order_relaxed);
}

void Release(Photo* photo) {
  if (photo->holders.fetch_sub(1, std::memory_order_release) == 1) {
    delete photo;
  }
}
