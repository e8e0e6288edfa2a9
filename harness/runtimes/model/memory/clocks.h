// Vector clocks as arrays of a few entries: what is done to them so often that
// a call, or a loop made for long arrays, would cost more than the work.

#ifndef RACELAB_RUNTIMES_MODEL_MEMORY_CLOCKS_H_
#define RACELAB_RUNTIMES_MODEL_MEMORY_CLOCKS_H_

#include <cstddef>

namespace racelab::model {

// Calls `function` with 0 … count-1, four at a time: worlds are made for 4, 8,
// 16 or 32 threads, tests for any number.
template <typename Function>
[[gnu::always_inline]] inline void ForEachThread(int count, Function function) {
  int i = 0;
  for (; i + 4 <= count; i += 4) {
    function(i);
    function(i + 1);
    function(i + 2);
    function(i + 3);
    asm("" : "+r"(i));  // no vectors, no memset
  }
  for (; i < count; ++i) {
    function(i);
    asm("" : "+r"(i));
  }
}

// to = max(to, from), entry by entry.
template <typename Time>
[[gnu::always_inline]] inline void JoinClock(Time* to, const Time* from,
                                             int count) {
  ForEachThread(count, [=](int i) {
    const Time a = to[i];
    const Time b = from[i];
    to[i] = a < b ? b : a;
  });
}

template <typename T>
[[gnu::always_inline]] inline void CopyEntries(T* to, const T* from,
                                               int count) {
  ForEachThread(count, [=](int i) { to[i] = from[i]; });
}

template <typename T>
[[gnu::always_inline]] inline void FillEntries(T* to, int count, T value) {
  ForEachThread(count, [=](int i) { to[i] = value; });
}

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_MEMORY_CLOCKS_H_
