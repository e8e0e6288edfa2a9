// engines:
#include "answer.h"

#include <thread>

void Act() {
  for (;;)
    std::thread([] {
      for (volatile int i = 0;; i = i + 1) {
      }
    }).detach();
}
int Result() { return 0; }
