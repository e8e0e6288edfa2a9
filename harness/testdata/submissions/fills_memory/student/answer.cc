#include "answer.h"

#include <cstring>

static char* volatile last;

void Act() {
  for (;;) {
    last = new char[1 << 24];
    std::memset(last, 1, 1 << 24);
  }
}
int Result() { return 0; }
