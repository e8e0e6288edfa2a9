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

// Two windows with a photo each: neither has to do with the other.
CONCURRENT_TEST(Photo, TwoPhotosAtATime) {
  int archived = 0;
  int of_the_other = 0;
  std::thread window([&of_the_other] {
    auto* other = new Photo(&of_the_other);
    other->views[1] = 20;
    Retain(other);
    Release(other);
    Release(other);
  });
  auto* photo = new Photo(&archived);
  photo->views[0] = 1;
  Release(photo);
  window.join();
  EXPECT_EQ(archived, 1) << "the archive is missing views";
  EXPECT_EQ(of_the_other, 20) << "the archive is missing views";
}

TEST(Photo, LivesAsLongAsSomebodyHoldsIt) {
  int archived = 0;
  int of_the_other = 0;
  auto* photo = new Photo(&archived);
  auto* other = new Photo(&of_the_other);
  photo->views[0] = 1;
  other->views[0] = 2;
  Retain(photo);
  Retain(photo);
  Release(other);
  EXPECT_EQ(of_the_other, 2) << "nobody holds the other photo any more";
  Release(photo);
  EXPECT_EQ(archived, 0) << "deleted while two still hold it";
  Release(photo);
  EXPECT_EQ(archived, 0) << "deleted while one still holds it";
  Release(photo);
  EXPECT_EQ(archived, 1) << "the last one is out";

  constexpr int kMany = 300;
  int in_the_end = 0;
  auto* famous = new Photo(&in_the_end);
  famous->views[0] = 3;
  for (int i = 0; i < kMany; ++i) Retain(famous);
  for (int i = 0; i < kMany; ++i) {
    Release(famous);
    ASSERT_EQ(in_the_end, 0) << "deleted while somebody still holds it";
  }
  Release(famous);
  EXPECT_EQ(in_the_end, 3) << "the last one is out";
}

}  // namespace
