#include "answer.h"

#include <atomic>
#include <mutex>

static std::mutex first;
static std::mutex second;
static std::atomic<int> result{0};
static std::atomic<int> calls{0};

void Act() {
  const bool turn = calls.fetch_add(1) % 2 == 0;
  const std::lock_guard<std::mutex> outer(turn ? first : second);
  const std::lock_guard<std::mutex> inner(turn ? second : first);
  result.fetch_add(1);
}
int Result() { return result.load(); }
