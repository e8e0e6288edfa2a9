#include "runtimes/model/memory/litmus_random.h"

#include <random>
#include <string>

namespace racelab::model {
namespace {

using Kind = LitmusOp::Kind;

class Maker {
 public:
  Maker(const LitmusRandomOptions& options, uint64_t seed)
      : options_(options), random_(seed) {
    test_.name = "random " + std::to_string(seed);
    test_.because = "the axioms say so";
    for (int l = 0; l < options.locations; ++l) {
      test_.locations.push_back(std::string(1, static_cast<char>('x' + l)));
      test_.initial.push_back(0);
      next_value_.push_back(1);
    }
    if (options.sections > 0) test_.mutexes.push_back("m");
    test_.threads.resize(static_cast<size_t>(options.threads));
  }

  LitmusTest Make() {
    for (int i = 0; i < options_.operations; ++i) {
      // Every thread gets something, the rest falls where it may.
      const size_t thread = static_cast<size_t>(
          i < options_.threads ? i : Below(options_.threads));
      std::vector<LitmusOp>& ops = test_.threads[thread];
      const bool locked = Below(100) < options_.sections;
      LitmusOp lock;
      lock.location = 0;
      lock.kind = Kind::kLock;
      if (locked) ops.push_back(lock);
      ops.push_back(Operation());
      lock.kind = Kind::kUnlock;
      if (locked) ops.push_back(lock);
    }
    return std::move(test_);
  }

 private:
  int Below(int n) {
    return static_cast<int>(random_() % static_cast<uint64_t>(n));
  }
  Order Pick(std::initializer_list<Order> weak) {
    if (Below(100) < options_.seq_cst) return Order::kSeqCst;
    return weak.begin()[Below(static_cast<int>(weak.size()))];
  }
  int Register() {
    test_.registers.push_back("r" + std::to_string(test_.registers.size()));
    return static_cast<int>(test_.registers.size()) - 1;
  }

  LitmusOp Operation() {
    LitmusOp op;
    int what = Below(100);
    what -= options_.fences;
    if (what < 0) {
      op.kind = Kind::kFence;
      op.order = Pick({Order::kAcquire, Order::kRelease, Order::kAcqRel});
      return op;
    }
    op.location = Below(options_.locations);
    int& next = next_value_[static_cast<size_t>(op.location)];
    what -= options_.rmws;
    if (what < 0) {
      op.kind = Below(3) == 0   ? Kind::kCas
                : Below(2) == 0 ? Kind::kExchange
                                : Kind::kAdd;
      op.order = Pick(
          {Order::kRelaxed, Order::kAcquire, Order::kRelease, Order::kAcqRel});
      op.failure_order = Pick({Order::kRelaxed, Order::kAcquire});
      op.value = op.kind == Kind::kAdd ? 10 : next++;
      op.expected = Below(2);
      op.result = Register();
      return op;
    }
    const bool plain = (what -= options_.plain) < 0;
    if (Below(2) == 0) {
      op.kind = plain ? Kind::kPlainRead : Kind::kLoad;
      op.order = Pick({Order::kRelaxed, Order::kAcquire});
      op.result = Register();
    } else {
      op.kind = plain ? Kind::kPlainWrite : Kind::kStore;
      op.order = Pick({Order::kRelaxed, Order::kRelease});
      op.value = next++;
    }
    return op;
  }

  const LitmusRandomOptions options_;
  std::mt19937_64 random_;
  LitmusTest test_;
  std::vector<int> next_value_;
};

}  // namespace

LitmusTest RandomLitmus(const LitmusRandomOptions& options, uint64_t seed) {
  return Maker(options, seed).Make();
}

}  // namespace racelab::model
