// What all strategies share: the stream of the current execution.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_RECORDING_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_RECORDING_H_

#include <cstdint>
#include <string>

#include "runtimes/model/limits.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {

// A part of a search that several processes share: this one is `index` of
// `count`.
struct Shard {
  int index = 0;
  int count = 1;
};

class RecordingStrategy : public Strategy {
 public:
  RecordingStrategy() { stream_.reserve(4096); }

  // The decisions of the current or last execution, those with one alternative
  // left out: what ReplayStrategy takes.
  const DecisionStream& stream() const { return stream_; }

  // What the last EndExecution() returned.
  virtual bool more() const { return true; }

  // False for an execution that belongs to another shard; it does not count.
  virtual bool owned() const { return true; }

  // The program did not do what it did before with the same decisions.
  virtual bool diverged() const { return false; }

  // What this search itself withheld, over all executions so far.
  virtual Limits limits() const { return 0; }

  // For evidence; "" where there is nothing to add.
  virtual std::string Detail() const { return ""; }

 protected:
  [[gnu::always_inline]] void Record(DecisionKind kind, unsigned alternatives,
                                     unsigned chosen) {
    stream_.push_back(Decision{kind, static_cast<uint8_t>(alternatives),
                               static_cast<uint8_t>(chosen)});
  }
  [[gnu::always_inline]] void RecordThread(uint32_t enabled, ThreadId chosen) {
    if ((enabled & (enabled - 1)) != 0) {
      Record(DecisionKind::kThread,
             static_cast<unsigned>(__builtin_popcount(enabled)),
             static_cast<unsigned>(chosen));
    }
  }
  void ClearStream() { stream_.clear(); }  // keeps its memory

  // A Decision counts its alternatives in a byte.
  static unsigned Clip(unsigned n) { return n < 255 ? n : 255; }

 private:
  DecisionStream stream_;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_RECORDING_H_
