// A small random number generator: SplitMix64 (Steele, Lea, Flood, OOPSLA
// 2014). One nanosecond a number, and a state that can be set from (seed,
// execution), so that execution i is the same in whichever process it runs.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_RNG_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_RNG_H_

#include <cstdint>

namespace racelab::model {

class Rng {
 public:
  void Seed(uint64_t seed, uint64_t execution) {
    state_ = seed * 0xd1342543de82ef95ull + 0x632be59bd9b4e019ull;
    state_ = Next() ^ (execution * 0x9e3779b97f4a7c15ull);
  }

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }

  // One of 0 … n-1, n >= 1; the bias is below n / 2^32.
  uint32_t Below(uint32_t n) {
    return static_cast<uint32_t>(((Next() >> 32) * uint64_t{n}) >> 32);
  }

  // One of the bits set in `mask`, which is not 0.
  int Bit(uint32_t mask) {
    uint32_t skip = Below(static_cast<uint32_t>(__builtin_popcount(mask)));
    // A random number of rounds would be mispredicted every other time.
    const uint32_t one = mask & (mask - 1);
    const uint32_t two = one & (one - 1);
    if (skip < 3) {
      const uint32_t masks[3] = {mask, one, two};
      return __builtin_ctz(masks[skip]);
    }
    for (mask = two, skip -= 2; skip > 0; --skip) mask &= mask - 1;
    return __builtin_ctz(mask);
  }

 private:
  uint64_t state_ = 0;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_RNG_H_
