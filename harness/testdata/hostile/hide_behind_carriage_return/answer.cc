// static: has a carriage return
#include "answer.h"

#include <mutex>

static std::mutex mutex;
static int result = 0;

void Act() {
// Only clang ends this comment here:#ifdef RACELAB_INSTRUMENTED
  std::lock_guard<std::mutex> lock(mutex);
// And this one:#endif
  result += 1;
}
int Result() { return result; }
