#include "labkit/labkit.h"
#include "thumbnail_pool.h"

namespace {

CONCURRENT_TEST(ThumbnailPool, AcceptedJobsAreDone) {
  ThumbnailPool pool(1);
  int thumbnails = 0;  // written by the worker, read after Shutdown()
  EXPECT_TRUE(pool.Submit([&] { ++thumbnails; }));
  EXPECT_TRUE(pool.Submit([&] { ++thumbnails; }));
  pool.Shutdown();
  EXPECT_EQ(thumbnails, 2) << "a job was accepted and not done";
}

CONCURRENT_TEST(ThumbnailPool, EveryWorkerGoesHome) {
  ThumbnailPool pool(2);
  pool.Shutdown();
}

CONCURRENT_TEST(ThumbnailPool, JobsRunSideBySide) {
  EXPECT_REACHABLE("two jobs at the same time");
  labkit::Occupancy at_work;
  ThumbnailPool pool(2);
  int done[2] = {};
  for (int photo = 0; photo < 2; ++photo) {
    EXPECT_TRUE(pool.Submit([&, photo] {
      if (at_work.Enter() == 2) REACHED("two jobs at the same time");
      done[photo] = 1;
      at_work.Leave();
    }));
  }
  pool.Shutdown();
  EXPECT_EQ(done[0] + done[1], 2) << "a job was accepted and not done";
}

CONCURRENT_TEST(ThumbnailPool, NothingIsAcceptedAfterwards) {
  ThumbnailPool pool(1);
  pool.Shutdown();
  EXPECT_FALSE(pool.Submit([] { ADD_FAILURE() << "run after Shutdown()"; }));
}

}  // namespace
