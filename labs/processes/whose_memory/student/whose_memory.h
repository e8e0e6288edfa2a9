// Where a value can live, and who shares it.

#ifndef WHOSE_MEMORY_H_
#define WHOSE_MEMORY_H_

#include <string>

enum class Place {
  kGlobal,           // int global;
  kFunctionStatic,   // static int inside a function
  kHeap,             // *new int, by pointer
  kStack,            // a local variable of main(), by pointer
  kThreadLocal,      // thread_local int, by name
  kRegister,         // a parameter, by value
  kFileOffset,       // the position in a file that was opened before
  kDescriptorTable,  // whether descriptor 7 is open
};

// Main sets the value in `place` to 1. Then another thread of the same process,
// or a child that was forked meanwhile, sets it to 2. Does main see the 2?
bool SharedWithThread(Place place);
bool SharedWithChild(Place place);

// How often `wanted` is in `text`, counted by a child process; the text may
// hold any char, 0 as well. Returns when the child has ended, and leaves no
// child, no descriptor and no shared mapping behind; the caller's other
// children, those that have ended and those that still run, are not its
// business. If the child has died, nobody has counted, and the result is -1, or
// any other number that does not come from the text.
int CountInChild(const std::string& text, char wanted);

#endif  // WHOSE_MEMORY_H_
