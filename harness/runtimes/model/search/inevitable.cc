#include "runtimes/model/search/inevitable.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "runtimes/model/search/full.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {
namespace {

// The first decisions of a stream, then full search.
class PrefixSearch final : public Strategy {
 public:
  PrefixSearch(const DecisionStream& stream, size_t length,
               const MemoryModel* memory)
      : stream_(stream), length_(length), search_(memory) {}

  void BeginExecution() override {
    at_ = 0;
    search_.BeginExecution();
  }

  ThreadId ChooseThread(const SchedulePoint& point) override {
    step_ = point.step;
    if (at_ >= length_) return search_.ChooseThread(point);
    if ((point.enabled & (point.enabled - 1)) == 0) {
      return __builtin_ctz(point.enabled);
    }
    prefix_step_ = step_;
    return stream_[at_++].chosen;
  }

  unsigned Choose(DecisionKind kind, unsigned n, ThreadId thread,
                  const PendingOp& op) override {
    if (at_ >= length_) return search_.Choose(kind, n, thread, op);
    if (n <= 1) return 0;
    prefix_step_ = step_;
    return stream_[at_++].chosen;
  }

  void Executed(ThreadId thread, const PendingOp& op) override {
    if (at_ >= length_) search_.Executed(thread, op);
  }

  bool EndExecution(ExecutionEnd end) override {
    return search_.EndExecution(end);
  }
  std::string Name() const override { return "prefix"; }
  bool Exhausted() const override { return search_.Exhausted(); }
  bool more() const { return search_.more(); }
  // The step of the prefix's last decision.
  uint64_t prefix_step() const { return prefix_step_; }

 private:
  const DecisionStream& stream_;
  const size_t length_;
  FullSearch search_;
  size_t at_ = 0;
  uint64_t step_ = 0;
  uint64_t prefix_step_ = 0;
};

}  // namespace

int64_t InevitableFrom(World* world, const DecisionStream& stream,
                       uint64_t effort) {
  uint64_t spent = 0;
  uint64_t step = 0;
  // Whether every continuation of the first `length` decisions fails.
  const auto certain = [&](size_t length) {
    PrefixSearch search(stream, length, &world->memory_model());
    do {
      if (spent >= effort) return false;
      const ExecutionResult result = world->Run(search, nullptr);
      spent += EffortOf(result);
      if (result.end == ExecutionEnd::kComplete ||
          result.end == ExecutionEnd::kTruncated) {
        return false;
      }
    } while (search.more());
    step = search.prefix_step();
    return search.Exhausted();
  };

  if (!certain(stream.size())) return -1;
  // Longer prefixes of a certain one are certain. Search for the shortest from
  // the end, where it is cheap: in growing strides, then by halving.
  size_t good = stream.size();
  size_t bad = 0;  // below every length that is known to be certain
  bool bad_known = false;
  uint64_t good_step = step;
  for (size_t stride = 1; good > 0 && !bad_known; stride *= 2) {
    const size_t length = good > stride ? good - stride : 0;
    if (certain(length)) {
      good = length;
      good_step = length == 0 ? 0 : step;
    } else {
      bad = length;
      bad_known = true;
    }
  }
  while (bad_known && good - bad > 1) {
    const size_t middle = bad + (good - bad) / 2;
    if (certain(middle)) {
      good = middle;
      good_step = step;
    } else {
      bad = middle;
    }
  }
  // "Not certain" may mean that the budget ran out: then a shorter prefix might
  // be certain, and "the first" would be a guess.
  if (spent >= effort) return -1;
  return static_cast<int64_t>(good_step);
}

}  // namespace racelab::model
