#include "answer.h"

#include <atomic>

static std::atomic<int> result{0};
static int* volatile step;

void Act() {
  step = new int(1);
  int* const same = step;
  delete step;
  delete same;
  result.fetch_add(1);
}
int Result() { return result.load(); }
