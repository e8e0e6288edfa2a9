#include "photo.h"

#include <map>
#include <mutex>

namespace {

// Not one for all: nobody is to wait for somebody else's photo.
std::map<Photo*, std::mutex> locks;

}  // namespace

void Retain(Photo* photo) {
  std::lock_guard<std::mutex> lock(locks[photo]);
  ++photo->holders;
}

void Release(Photo* photo) {
  bool last;
  {
    std::lock_guard<std::mutex> lock(locks[photo]);
    last = --photo->holders == 0;
  }
  if (last) {
    locks.erase(photo);
    delete photo;
  }
}
