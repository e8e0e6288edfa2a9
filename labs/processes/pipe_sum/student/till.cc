#include "till.h"

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

// The till: amounts in, totals out, until the end of the file.
[[noreturn]] void Serve(int in, int out) {
  int64_t total = 0;
  int32_t amount = 0;
  while (read(in, &amount, sizeof amount) == sizeof amount) {
    total += amount;
    if (write(out, &total, sizeof total) != sizeof total) _exit(1);
  }
  _exit(0);
}

}  // namespace

std::vector<int64_t> RunningTotals(const std::vector<int32_t>& amounts) {
  // TODO: nobody ever sees the end of the day.
  int to_till[2];
  int from_till[2];
  if (pipe(to_till) != 0) return {};
  if (pipe(from_till) != 0) {
    close(to_till[0]);
    close(to_till[1]);
    return {};
  }
  const pid_t child = fork();
  if (child == 0) {
    Serve(to_till[0], from_till[1]);
  }

  for (const int32_t amount : amounts) {
    if (write(to_till[1], &amount, sizeof amount) < 0) break;
  }
  std::vector<int64_t> totals;
  int64_t total = 0;
  while (totals.size() < amounts.size() &&
         read(from_till[0], &total, sizeof total) == sizeof total) {
    totals.push_back(total);
  }
  waitpid(child, nullptr, 0);
  close(to_till[1]);
  close(from_till[0]);
  close(to_till[0]);
  close(from_till[1]);
  return totals;
}
