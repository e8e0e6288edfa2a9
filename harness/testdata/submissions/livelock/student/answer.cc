#include "answer.h"

#include <atomic>

static std::atomic<int> result{0};
static std::atomic<bool> never{false};

void Act() {
  if (result.fetch_add(1) == 1) {
    while (!never.load()) {
    }
  }
}
int Result() { return result.load(); }
