#include "photo.h"

void Retain(Photo* photo) { ++photo->holders; }

void Release(Photo* photo) {
  // seq_cst, and so acquire and release as well.
  if (--photo->holders == 0) delete photo;
}
