#include "thumbnail_pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

struct ThumbnailPool::State {
  void Work();

  static constexpr size_t kRoom = 8;  // more would only pile up

  std::mutex mutex;
  std::condition_variable something_to_do;
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
    std::unique_lock<std::mutex> lock(mutex);
    something_to_do.wait(lock, [this] { return closing || !jobs.empty(); });
    if (jobs.empty()) return;
    std::function<void()> job = std::move(jobs.front());
    jobs.pop_front();
    lock.unlock();
    job();
  }
}

bool ThumbnailPool::Submit(std::function<void()> job) {
  std::lock_guard<std::mutex> lock(state_->mutex);
  if (state_->closing || state_->jobs.size() == State::kRoom) return false;
  state_->jobs.push_back(std::move(job));
  state_->something_to_do.notify_one();
  return true;
}

void ThumbnailPool::Shutdown() {
  {
    std::lock_guard<std::mutex> lock(state_->mutex);
    state_->closing = true;
    state_->something_to_do.notify_all();
  }
  for (std::thread& worker : state_->workers) worker.join();
}
