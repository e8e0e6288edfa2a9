#include <thread>

#include "labkit/labkit.h"
#include "photo.h"

namespace {

CONCURRENT_TEST(Photo, LastOneOutSeesEveryView) {
  int archived = 0;
  auto* photo = new Photo(&archived);
  Retain(photo);
  std::thread window([photo] {
    photo->views[1] = 20;
    Release(photo);
  });
  photo->views[0] = 1;
  Release(photo);
  window.join();
  EXPECT_EQ(archived, 21) << "the archive is missing views";
}

// Three holders, one of which is added by another window.
CONCURRENT_TEST(Photo, DeletedExactlyOnce) {
  int archived = 0;
  auto* photo = new Photo(&archived);
  Retain(photo);
  std::thread window([photo] {
    Retain(photo);
    photo->views[1] = 20;
    Release(photo);
    Release(photo);
  });
  Release(photo);
  window.join();
  EXPECT_EQ(archived, 20) << "the archive is missing views";
}

TEST(Photo, LivesAsLongAsSomebodyHoldsIt) {
  int archived = 0;
  auto* photo = new Photo(&archived);
  photo->views[0] = 1;
  Retain(photo);
  Retain(photo);
  Release(photo);
  EXPECT_EQ(archived, 0) << "deleted while two still hold it";
  Release(photo);
  EXPECT_EQ(archived, 0) << "deleted while one still holds it";
  Release(photo);
  EXPECT_EQ(archived, 1) << "the last one is out";
}

}  // namespace
