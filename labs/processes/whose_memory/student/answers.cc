#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "whose_memory.h"

// TODO: is everything shared, with everybody?
bool SharedWithThread(Place place) {
  switch (place) {
    case Place::kGlobal:
    case Place::kFunctionStatic:
    case Place::kHeap:
    case Place::kStack:
    case Place::kThreadLocal:
    case Place::kRegister:
    case Place::kFileOffset:
    case Place::kDescriptorTable:
      return true;
  }
  return false;
}

bool SharedWithChild(Place place) {
  switch (place) {
    case Place::kGlobal:
    case Place::kFunctionStatic:
    case Place::kHeap:
    case Place::kStack:
    case Place::kThreadLocal:
    case Place::kRegister:
    case Place::kFileOffset:
    case Place::kDescriptorTable:
      return true;
  }
  return false;
}

namespace {
int result = 0;
}  // namespace

// TODO: the count is always 0.
int CountInChild(const std::string& text, char wanted) {
  result = 0;
  const pid_t child = fork();
  if (child == 0) {
    result = static_cast<int>(std::count(text.begin(), text.end(), wanted));
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  return result;
}
