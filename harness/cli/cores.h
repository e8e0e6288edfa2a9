// The machine's cores, shared by what runs at the same time: an engine that
// needs real parallelism (stress) takes more than one that does not, so that
// two of them do not spoil each other's schedules.
//
// First come, first served: whoever needs many is not passed by those who need
// few for ever.
//
// Thread safety: any method from any thread.

#ifndef RACELAB_CLI_CORES_H_
#define RACELAB_CLI_CORES_H_

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace racelab::cli {

class Cores {
 public:
  explicit Cores(int count) : count_(count < 1 ? 1 : count), free_(count_) {}
  Cores(const Cores&) = delete;
  Cores& operator=(const Cores&) = delete;

  int count() const { return count_; }

  // Holds `wanted` cores, or all if there are fewer, until it is destroyed. Who
  // wants none never waits.
  class Hold {
   public:
    Hold(Cores& cores, int wanted)
        : cores_(cores), held_(wanted < cores.count_ ? wanted : cores.count_) {
      if (held_ == 0) return;
      std::unique_lock<std::mutex> lock(cores_.mutex_);
      const uint64_t ticket = cores_.next_++;
      cores_.changed_.wait(lock, [this, ticket] {
        return cores_.serving_ == ticket && cores_.free_ >= held_;
      });
      cores_.free_ -= held_;
      ++cores_.serving_;
      cores_.changed_.notify_all();
    }
    ~Hold() {
      if (held_ == 0) return;
      const std::lock_guard<std::mutex> lock(cores_.mutex_);
      cores_.free_ += held_;
      cores_.changed_.notify_all();
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    Cores& cores_;
    const int held_;
  };

 private:
  const int count_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // All guarded by mutex_.
  int free_;
  uint64_t next_ = 0;     // the next ticket
  uint64_t serving_ = 0;  // the ticket whose turn it is
};

}  // namespace racelab::cli

#endif  // RACELAB_CLI_CORES_H_
