#include "answer.h"

#include <atomic>

static std::atomic<int> result{0};

void Act() {
  int* step = new int(1);
  delete step;
  result.fetch_add(*static_cast<volatile int*>(step));
}
int Result() { return result.load(); }
