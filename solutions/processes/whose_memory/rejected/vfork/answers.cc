#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "whose_memory.h"

bool SharedWithThread(Place place) {
  switch (place) {
    case Place::kGlobal:
    case Place::kFunctionStatic:
    case Place::kHeap:
    case Place::kStack:
    case Place::kFileOffset:
    case Place::kDescriptorTable:
      return true;
    case Place::kThreadLocal:
    case Place::kRegister:
      return false;
  }
  return false;
}

bool SharedWithChild(Place place) { return place == Place::kFileOffset; }

namespace {
int result = 0;
}  // namespace

int CountInChild(const std::string& text, char wanted) {
  result = 0;
  const pid_t child = vfork();
  if (child == 0) {
    result = static_cast<int>(std::count(text.begin(), text.end(), wanted));
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  return result;
}
