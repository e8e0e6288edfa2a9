#include "thumbnail_pool.h"

#include <deque>
#include <mutex>
#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

struct ThumbnailPool::State {
  void Work();

  std::counting_semaphore<> to_do{0};  // jobs, and one for each who may go home
  std::mutex mutex;
  std::deque<std::function<void()>> jobs;  // guarded by mutex
  bool closing = false;                    // guarded by mutex
  std::vector<std::thread> workers;
};

ThumbnailPool::ThumbnailPool(int workers) : state_(std::make_unique<State>()) {
  for (int i = 0; i < workers; ++i) {
    state_->workers.emplace_back([state = state_.get()] { state->Work(); });
  }
}
ThumbnailPool::~ThumbnailPool() = default;

void ThumbnailPool::State::Work() {
  for (;;) {
    to_do.acquire();
    std::unique_lock<std::mutex> lock(mutex);
    if (jobs.empty()) return;
    std::function<void()> job = std::move(jobs.front());
    jobs.pop_front();
    lock.unlock();
    job();
  }
}

bool ThumbnailPool::Submit(std::function<void()> job) {
  {
    std::lock_guard<std::mutex> lock(state_->mutex);
    if (state_->closing) return false;
    state_->jobs.push_back(std::move(job));
  }
  state_->to_do.release();
  return true;
}

void ThumbnailPool::Shutdown() {
  {
    std::lock_guard<std::mutex> lock(state_->mutex);
    state_->closing = true;
  }
  state_->to_do.release(static_cast<std::ptrdiff_t>(state_->workers.size()));
  for (std::thread& worker : state_->workers) worker.join();
}
