// Worker threads that make thumbnails in the background.

#ifndef THUMBNAIL_POOL_H_
#define THUMBNAIL_POOL_H_

#include <functional>
#include <memory>

// Contract:
//   - until Shutdown() has begun, Submit(job) accepts every job, however many
//     wait already, and returns true: the job is run, once, by one of the
//     workers. It does not wait for one to be free. After Shutdown() has begun
//     it returns false. Any thread may call it, also while Shutdown() is going
//     on;
//   - jobs run side by side, as many as there are workers: while one job waits
//     for something, the next one is run;
//   - Shutdown() returns when every accepted job has been run and every worker
//     has ended. It is called once, by the thread that made the pool.
// Jobs do not throw and do not call the pool.
class ThumbnailPool {
 public:
  explicit ThumbnailPool(int workers);
  ~ThumbnailPool();
  ThumbnailPool(const ThumbnailPool&) = delete;
  ThumbnailPool& operator=(const ThumbnailPool&) = delete;

  bool Submit(std::function<void()> job);
  void Shutdown();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

#endif  // THUMBNAIL_POOL_H_
