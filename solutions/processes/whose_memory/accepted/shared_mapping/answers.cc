#include <sys/mman.h>
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
  void* page = mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return -1;
  int* count = static_cast<int*>(page);
  const pid_t child = fork();
  if (child == 0) {
    *count = static_cast<int>(std::count(text.begin(), text.end(), wanted));
    _exit(0);
  }
  // The wait also orders the child's write before the read below.
  waitpid(child, nullptr, 0);
  const int result = *count;
  munmap(page, sizeof(int));
  return result;
}
