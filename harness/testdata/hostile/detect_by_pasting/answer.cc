// static: can paste "RACELAB_INSTRUMENTED" together
#include "answer.h"

#include <mutex>

#define CAT_(a, b) a##b
#define CAT(a, b) CAT_(a, b)

static std::mutex mutex;
static int result = 0;

void Act() {
#if CAT(RACELAB_INSTRU, MENTED)
  std::lock_guard<std::mutex> lock(mutex);
#endif
  result += 1;
}
int Result() { return result; }
