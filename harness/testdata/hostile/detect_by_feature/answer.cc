// static: asks who will run it (__thread_sanitizer__)
#include "answer.h"

#include <mutex>

static std::mutex mutex;
static int result = 0;

void Act() {
// To clang, the underscores are no part of the name.
#if __has_feature(__thread_sanitizer__)
  std::lock_guard<std::mutex> lock(mutex);
#endif
  result += 1;
}
int Result() { return result; }
