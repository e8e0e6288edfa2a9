#include "answer.h"

#include <atomic>

static std::atomic<int> result{0};

void Act() {
  int* volatile step = new int(1);
  result.fetch_add(*step);
}
int Result() { return result.load(); }
