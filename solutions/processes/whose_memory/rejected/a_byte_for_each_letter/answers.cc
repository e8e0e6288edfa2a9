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
  int ends[2];
  if (pipe(ends) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    for (const char c : text) {
      if (c == wanted && write(ends[1], &c, 1) != 1) _exit(1);
    }
    _exit(0);
  }
  close(ends[1]);
  waitpid(child, nullptr, 0);
  int count = 0;
  char c;
  while (read(ends[0], &c, 1) == 1) ++count;
  close(ends[0]);
  return count;
}
