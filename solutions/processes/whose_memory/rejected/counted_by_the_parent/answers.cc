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

int CountInChild(const std::string& text, char wanted) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  return static_cast<int>(std::count(text.begin(), text.end(), wanted));
}
