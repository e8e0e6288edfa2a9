// static: has a comment in a line with # that does not end there
#include "answer.h"

#include <mutex>

static std::mutex mutex;
static int result = 0;

void Act() {
  // To clang, this is the text of a message.
  // clang-format off
#pragma mark /*
#ifdef RACELAB_INSTRUMENTED
  std::lock_guard<std::mutex> lock(mutex);
#endif
  // */
  result += 1;
}
int Result() { return result; }
