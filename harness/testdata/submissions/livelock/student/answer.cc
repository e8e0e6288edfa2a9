#include "answer.h"

#include <atomic>

static std::atomic<int> result{0};
static std::atomic<bool> go_on{false};

void Act() {
  if (result.fetch_add(1) == 1) {
    while (!go_on.load()) {
    }
  }
}
int Result() {
  // Never so, but the compiler cannot know.
  if (result.load() > 1000) go_on.store(true);
  return result.load();
}
