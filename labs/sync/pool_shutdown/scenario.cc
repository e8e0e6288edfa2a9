#include <latch>
#include <semaphore>
#include <thread>

#include "labkit/labkit.h"
#include "thumbnail_pool.h"

namespace {

// One job is there before the pool closes, another one comes meanwhile: it may
// be accepted or not, but the pool must keep its word.
CONCURRENT_TEST(ThumbnailPool, AcceptedJobsAreDone) {
  ThumbnailPool pool(1);
  int thumbnails = 0;  // written by the worker, read after Shutdown()
  bool accepted = false;
  EXPECT_TRUE(pool.Submit([&] { ++thumbnails; }));
  std::thread upload([&] { accepted = pool.Submit([&] { ++thumbnails; }); });
  pool.Shutdown();
  upload.join();
  EXPECT_EQ(thumbnails, accepted ? 2 : 1)
      << "a job was accepted and not done, or done and not accepted";
}

// Rings when the thread ends in which it hangs.
struct Bell {
  ~Bell() { *ended = true; }
  bool* ended = nullptr;
};

// Whoever stops the server may hold what a job needs: the jobs are the
// workers'.
CONCURRENT_TEST(ThumbnailPool, WorkersFinishWhatIsLeft) {
  ThumbnailPool pool(1);
  const std::thread::id caller = std::this_thread::get_id();
  bool done = false;  // this and the others: read after Shutdown()
  bool by_a_worker = false;
  bool ended = false;
  EXPECT_TRUE(pool.Submit([&] {
    done = true;
    by_a_worker = std::this_thread::get_id() != caller;
    if (!by_a_worker) return;
    thread_local Bell bell;
    bell.ended = &ended;
  }));
  pool.Shutdown();
  EXPECT_TRUE(done) << "a job was accepted and not done";
  EXPECT_EQ(by_a_worker, done) << "the caller of Shutdown() did a worker's job";
  EXPECT_EQ(ended, by_a_worker) << "Shutdown() left a worker behind";
}

CONCURRENT_TEST(ThumbnailPool, EveryWorkerGoesHome) {
  ThumbnailPool pool(2);
  pool.Shutdown();
}

// The first job waits for the second: both must be at work at the same time,
// whatever happens first, and long before anybody is told to go home.
CONCURRENT_TEST(ThumbnailPool, JobsRunSideBySide) {
  ThumbnailPool pool(2);
  std::counting_semaphore<2> second_ran{0};
  int done[2] = {};
  EXPECT_TRUE(pool.Submit([&] {
    second_ran.acquire();
    done[0] = 1;
  }));
  EXPECT_TRUE(pool.Submit([&] {
    done[1] = 1;
    second_ran.release(2);
  }));
  second_ran.acquire();
  pool.Shutdown();
  EXPECT_EQ(done[0] + done[1], 2) << "a job was accepted and not done";
}

// Each of the long jobs waits for all the others. After the first come short
// ones: whoever gave the jobs to the workers in turn would have two long ones
// for one worker.
CONCURRENT_TEST(ThumbnailPool, AsManyRunAsThereAreWorkers) {
  constexpr int kWorkers = 10;
  ThumbnailPool pool(kWorkers);
  std::latch all_at_work(kWorkers + 1);
  const auto long_job = [&] { all_at_work.arrive_and_wait(); };
  EXPECT_TRUE(pool.Submit(long_job));
  for (int i = 1; i < kWorkers; ++i) EXPECT_TRUE(pool.Submit([] {}));
  for (int i = 1; i < kWorkers; ++i) EXPECT_TRUE(pool.Submit(long_job));
  all_at_work.arrive_and_wait();
  pool.Shutdown();
}

// Somebody uploads a wedding while the worker is busy.
CONCURRENT_TEST(ThumbnailPool, ManyJobsWaitForAWorker) {
  constexpr int kPhotos = 300;
  ThumbnailPool pool(1);
  std::binary_semaphore uploaded{0};
  int thumbnails = 0;  // written by the worker, read after Shutdown()
  EXPECT_TRUE(pool.Submit([&] { uploaded.acquire(); }));
  for (int i = 0; i < kPhotos; ++i)
    EXPECT_TRUE(pool.Submit([&] { ++thumbnails; })) << "the pool is open";
  uploaded.release();
  pool.Shutdown();
  EXPECT_EQ(thumbnails, kPhotos) << "a job was accepted and not done";
}

CONCURRENT_TEST(ThumbnailPool, NothingIsAcceptedAfterwards) {
  ThumbnailPool pool(1);
  ThumbnailPool other(1);
  std::binary_semaphore closed{0};
  std::binary_semaphore done{0};
  EXPECT_TRUE(other.Submit([&] { closed.acquire(); }));
  pool.Shutdown();
  EXPECT_FALSE(pool.Submit([] { ADD_FAILURE() << "run after Shutdown()"; }));
  closed.release();
  EXPECT_TRUE(other.Submit([&] { done.release(); }))
      << "the other pool is still open";
  done.acquire();
  other.Shutdown();
}

}  // namespace
