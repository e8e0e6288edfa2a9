// A photo that several windows show, with a count of its holders.

#ifndef PHOTO_H_
#define PHOTO_H_

#include <atomic>

inline constexpr int kMaxWindows = 3;

struct Photo {
  // Who makes a photo is its first holder. `archive` receives the number of
  // views when the photo is deleted.
  explicit Photo(int* archive) : archive(archive) {}
  ~Photo() {
    for (int count : views) *archive += count;
  }

  std::atomic<int> holders{1};
  int views[kMaxWindows] = {};  // each window writes its own entry only
  int* archive;
};

// Contract:
//   - whoever holds the photo may retain it for somebody else;
//   - each holder calls Release() once, and does not touch the photo after
//     that;
//   - the last Release() deletes the photo, and the destructor sees everything
//     that any holder did before its own Release();
//   - different photos may be retained and released at the same time;
//   - nobody waits.
void Retain(Photo* photo);
void Release(Photo* photo);

#endif  // PHOTO_H_
