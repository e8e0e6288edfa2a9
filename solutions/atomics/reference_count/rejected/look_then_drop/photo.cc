#include "photo.h"

void Retain(Photo* photo) {
  photo->holders.fetch_add(1, std::memory_order_relaxed);
}

void Release(Photo* photo) {
  if (photo->holders.load() == 1) {
    delete photo;
  } else {
    photo->holders.fetch_sub(1);
  }
}
