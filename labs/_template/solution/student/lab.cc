#include "lab.h"

#include <mutex>

namespace @LAB@ {
namespace {

std::mutex total_mutex;
int total = 0;  // guarded by total_mutex

}  // namespace

void Add(int amount) {
  const std::lock_guard<std::mutex> lock(total_mutex);
  total += amount;
}

int Total() {
  const std::lock_guard<std::mutex> lock(total_mutex);
  return total;
}

}  // namespace @LAB@
