#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>

#include "labkit/process.h"
#include "whose_memory.h"

namespace {

constexpr Place kPlaces[] = {
    Place::kGlobal,     Place::kFunctionStatic,  Place::kHeap,
    Place::kStack,      Place::kThreadLocal,     Place::kRegister,
    Place::kFileOffset, Place::kDescriptorTable,
};

const char* Name(Place place) {
  switch (place) {
    case Place::kGlobal:
      return "a global";
    case Place::kFunctionStatic:
      return "a static local";
    case Place::kHeap:
      return "the heap";
    case Place::kStack:
      return "the stack of main, by pointer";
    case Place::kThreadLocal:
      return "a thread_local, by name";
    case Place::kRegister:
      return "a parameter, by value";
    case Place::kFileOffset:
      return "the position in an open file";
    case Place::kDescriptorTable:
      return "the table of descriptors";
  }
  return "?";
}

int global_value;
thread_local int thread_local_value;

int& StaticLocal() {
  static int value;
  return value;
}

void SetParameter(int value) {
  value = 2;
  EXPECT_EQ(value, 2);
}

// How the other one is run: a thread, or a child.
using RunOther = std::function<void(const std::function<void()>&)>;

void InThread(const std::function<void()>& work) {
  std::thread other(work);
  other.join();
}

void InChild(const std::function<void()>& work) {
  labkit::Child other(work);
  EXPECT_TRUE(other.Wait().ok());
}

// The experiment: true if main sees what the other one did.
bool IsShared(Place place, const RunOther& run) {
  switch (place) {
    case Place::kGlobal:
      global_value = 1;
      run([] { global_value = 2; });
      return global_value == 2;
    case Place::kFunctionStatic:
      StaticLocal() = 1;
      run([] { StaticLocal() = 2; });
      return StaticLocal() == 2;
    case Place::kHeap: {
      int* value = new int(1);
      run([value] { *value = 2; });
      const bool shared = *value == 2;
      delete value;
      return shared;
    }
    case Place::kStack: {
      int value = 1;
      run([&value] { value = 2; });
      return value == 2;
    }
    case Place::kThreadLocal:
      thread_local_value = 1;
      run([] { thread_local_value = 2; });
      return thread_local_value == 2;
    case Place::kRegister: {
      int value = 1;
      run([value] { SetParameter(value); });
      return value == 2;
    }
    case Place::kFileOffset: {
      char name[] = "/tmp/whose_memory_XXXXXX";
      const int file = mkstemp(name);
      if (file < 0) ADD_FAILURE() << "no file can be made in /tmp";
      unlink(name);
      lseek(file, 1, SEEK_SET);
      run([file] { lseek(file, 2, SEEK_SET); });
      const bool shared = lseek(file, 0, SEEK_CUR) == 2;
      close(file);
      return shared;
    }
    case Place::kDescriptorTable: {
      const int descriptor = open("/dev/null", O_RDONLY);
      run([descriptor] { close(descriptor); });
      const bool closed_here = fcntl(descriptor, F_GETFD) < 0;
      if (!closed_here) close(descriptor);
      return closed_here;
    }
  }
  return false;
}

TEST(WhoseMemory, WhatAThreadShares) {
  for (const Place place : kPlaces) {
    const bool shared = IsShared(place, InThread);
    EXPECT_EQ(SharedWithThread(place), shared)
        << Name(place) << ": a thread set it, and main "
        << (shared ? "saw it." : "did not see it.");
  }
}

TEST(WhoseMemory, WhatAChildShares) {
  for (const Place place : kPlaces) {
    const bool shared = IsShared(place, InChild);
    EXPECT_EQ(SharedWithChild(place), shared)
        << Name(place) << ": a forked child set it, and main "
        << (shared ? "saw it." : "did not see it.");
  }
}

// So many children were forked; the first one dies at once, if it is to, and
// before its parent goes on.
int forked = 0;
bool first_one_dies = false;

void InTheParent() {
  siginfo_t end;
  if (first_one_dies && forked == 0) waitid(P_ALL, 0, &end, WEXITED | WNOWAIT);
  ++forked;
}
void InTheChild() {
  if (first_one_dies && forked == 0) kill(getpid(), SIGKILL);
}

// Grows with each child that has been waited for, forked or spawned.
long PageFaultsOfChildren() {
  rusage usage = {};
  getrusage(RUSAGE_CHILDREN, &usage);
  return usage.ru_minflt;
}

// A child that is dead has counted nothing.
TEST(WhoseMemory, TheChildCounts) {
  pthread_atfork(nullptr, InTheParent, InTheChild);
  const long before = PageFaultsOfChildren();
  EXPECT_EQ(CountInChild("mississippi", 's'), 4);
  EXPECT_TRUE(forked > 0 || PageFaultsOfChildren() > before)
      << "there was no child";
  forked = 0;
  first_one_dies = true;
  const int count = CountInChild("mississippi", 's');
  first_one_dies = false;
  if (forked == 1) {
    EXPECT_NE(count, 4) << "the child died at its birth: who has counted?";
  }
}

TEST(WhoseMemory, TheChildsResultArrives) {
  // Somebody else's children: one has ended and is still to be waited for, the
  // other one ends later.
  labkit::Child another([] { return 7; });
  siginfo_t end;
  waitid(P_PID, another.pid(), &end, WEXITED | WNOWAIT);
  labkit::Pipe told_to_end;
  labkit::Child later([&told_to_end] {
    char word;
    return read(told_to_end.read_end(), &word, 1) == 1 ? 8 : 1;
  });

  EXPECT_EQ(CountInChild("mississippi", 's'), 4);
  EXPECT_EQ(CountInChild("", 's'), 0);
  EXPECT_EQ(CountInChild(std::string(1000, 'x') + "y", 'x'), 1000);
  // More letters than a pipe holds bytes.
  EXPECT_EQ(CountInChild(std::string(100'000, 'x') + "y", 'x'), 100'000);
  EXPECT_EQ(CountInChild(std::string("s\0s", 3), 's'), 2);

  EXPECT_EQ(another.Wait().code, 7);
  EXPECT_EQ(write(told_to_end.write_end(), "x", 1), 1);
  EXPECT_EQ(later.Wait().code, 8);
}

}  // namespace
