#include "photo.h"

void Retain(Photo* photo) {
  photo->holders.fetch_add(1, std::memory_order_relaxed);
}

void Release(Photo* photo) {
  photo->holders.fetch_sub(1);
  if (photo->holders.load() == 0) delete photo;
}
