// What a search leaves out even when it has come to its end: bounds on what
// could otherwise happen without end. An execution says which of them it met,
// i.e. where something that might have happened was withheld; evidence says so
// in words. Where none was met, "exhausted" is meant to the letter.

#ifndef RACELAB_RUNTIMES_MODEL_LIMITS_H_
#define RACELAB_RUNTIMES_MODEL_LIMITS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace racelab::model {

enum class Limit : uint8_t {
  kSpurious,   // a wait might have woken once more for no reason
  kTimeout,    // a timed wait might have ended early once more
  kWeakFail,   // a weak compare-exchange might have failed once more
  kOldStores,  // a load or a store had more places to choose from
  kRetries,    // a thread that looked or tried in vain was made to wait
  kReuse,      // a freed address might have been given out again
  kFairness,   // a thread that gave way, ran on and on, or passed another one
               // over at a lock was made to wait
  kClock,      // a look at a clock might have shown a later time
  kLastOwner,  // another thread might have destroyed an exception
};

// A set of them: bit i is the Limit of number i.
using Limits = uint32_t;
constexpr Limits SetOf(Limit limit) {
  return Limits{1} << static_cast<int>(limit);
}

// The numbers behind the words.
inline constexpr uint32_t kSpuriousPerThread = 1;
inline constexpr uint32_t kSpuriousPerExecution = 2;
inline constexpr uint32_t kTimeoutsPerThread = 2;
inline constexpr uint32_t kWeakFailures = 1;  // per execution
inline constexpr uint32_t kReuses = 1;        // per execution

// A clause each, for Evidence::limits.
inline std::vector<std::string> InWords(Limits limits) {
  const struct {
    Limit limit;
    const char* words;
  } all[] = {
      {Limit::kSpurious, "spurious wake-ups: at most 1 a thread and 2 in all"},
      {Limit::kTimeout, "early timeouts: at most 2 a thread"},
      {Limit::kWeakFail,
       "weak compare-exchanges that fail for no reason: at most 1"},
      {Limit::kOldStores, "stores to choose from: at most 255"},
      {Limit::kRetries,
       "looks and attempts in vain: only the first few in a row"},
      {Limit::kReuse, "freed addresses that are given out again: at most 1"},
      {Limit::kFairness,
       "fair schedules: a thread that gives way, runs for long, or takes a "
       "lock again and again, lets the others go on"},
      {Limit::kClock,
       "looks at a clock: each shows one of the times that it might"},
      {Limit::kLastOwner,
       "an exception that threads share, and that does more than free memory "
       "when destroyed: not every one of them is tried as the last"},
  };
  static_assert(kSpuriousPerThread == 1 && kSpuriousPerExecution == 2 &&
                kTimeoutsPerThread == 2 && kWeakFailures == 1 && kReuses == 1);
  std::vector<std::string> words;
  for (const auto& entry : all) {
    if ((limits & SetOf(entry.limit)) != 0) words.push_back(entry.words);
  }
  return words;
}

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_LIMITS_H_
