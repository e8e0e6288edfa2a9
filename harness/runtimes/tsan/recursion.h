// Recursion of any depth. libtsan keeps each thread's calls in an array of
// 65,536 and does not look whether they fit: whoever recurses deeper, on
// purpose or by mistake, writes over whatever libtsan has behind it.
//
// Calls beyond kMostCalls are not told to libtsan: their accesses are checked
// as ever, and reports show the outer frames in place of the inner ones.

#ifndef RACELAB_RUNTIMES_TSAN_RECURSION_H_
#define RACELAB_RUNTIMES_TSAN_RECURSION_H_

#include <cstdint>
#include <string>

namespace racelab::tsan {

// Leaves room for the functions of libraries, which libtsan adds by itself.
inline constexpr uint32_t kMostCalls = 60000;

// Has the module's calls and returns counted: it must be loaded and no thread
// of its may run.
void LimitRecursion(const std::string& module);

}  // namespace racelab::tsan

#endif  // RACELAB_RUNTIMES_TSAN_RECURSION_H_
