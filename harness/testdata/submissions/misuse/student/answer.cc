#include "answer.h"

#include <atomic>
#include <mutex>

static std::mutex result_mutex;
static std::atomic<int> result{0};

void Act() {
  result_mutex.unlock();
  result.fetch_add(1);
}
int Result() { return result.load(); }
