// static: asks who will run it (__atomic_compare_exchange_n)
#include "answer.h"

#include <mutex>

static std::mutex mutex;
static int result = 0;

void Act() {
// labkit/weak_exchange.h makes a macro of it where clang instruments.
#ifdef __atomic_compare_exchange_n
  std::lock_guard<std::mutex> lock(mutex);
#endif
  result += 1;
}
int Result() { return result; }
