// static: asks who will run it
#include "answer.h"

#include <mutex>

static std::mutex mutex;
static int result = 0;
extern const char kNote[];
const char kNote[] = R"(
/*
)";

void Act() {
#ifdef RACELAB_INSTRUMENTED
  std::lock_guard<std::mutex> lock(mutex);
#endif
  // */
  result += 1;
}
int Result() { return result; }
