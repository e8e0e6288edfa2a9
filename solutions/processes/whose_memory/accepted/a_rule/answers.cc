#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "whose_memory.h"

// A place is in the kernel, or at an address that may be handed over, or each
// thread has its own.
enum class Where { kKernelPerProcess, kKernelPerFile, kAddress, kOwn };

static Where WhereIs(Place place) {
  switch (place) {
    case Place::kFileOffset:
      return Where::kKernelPerFile;
    case Place::kDescriptorTable:
      return Where::kKernelPerProcess;
    case Place::kThreadLocal:
    case Place::kRegister:
      return Where::kOwn;
    default:
      return Where::kAddress;
  }
}

bool SharedWithThread(Place place) { return WhereIs(place) != Where::kOwn; }

bool SharedWithChild(Place place) {
  return WhereIs(place) == Where::kKernelPerFile;
}

int CountInChild(const std::string& text, char wanted) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    const int count =
        static_cast<int>(std::count(text.begin(), text.end(), wanted));
    // Four bytes: a pipe takes them whole or not at all.
    _exit(write(ends[1], &count, sizeof count) == sizeof count ? 0 : 1);
  }
  // Ours would keep the pipe open if the child died without a word.
  close(ends[1]);
  int count = -1;
  if (read(ends[0], &count, sizeof count) != sizeof count) count = -1;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return count;
}
