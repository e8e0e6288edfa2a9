#include "answer.h"

#include <cstddef>

void Act() {
  for (;;) {
    constexpr std::size_t kSize = std::size_t{1} << 28;
    volatile char* block = new char[kSize];
    for (std::size_t i = 0; i < kSize; i += 4096) block[i] = 1;
  }
}
int Result() { return 0; }
