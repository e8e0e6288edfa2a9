// Where a process of the test's died: a fatal signal tells its stack before it
// takes its course, so that whoever waits for the process sees the same death.
// A handler is inherited by the test's children; a program that they execute
// has none. A stack that overflowed has no room to tell. (common/signals.h does
// the same for one process with observed threads, and needs a blackboard.)
//
// Thread safety: TellCrashes once, before there are threads.

#ifndef RACELAB_RUNTIMES_PROCESS_CRASH_H_
#define RACELAB_RUNTIMES_PROCESS_CRASH_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "runtimes/common/child.h"
#include "runtimes/common/module.h"

namespace racelab::process {

struct CrashReport {
  int signal = 0;
  bool of_child = false;  // of a child of the calling process
  uint32_t frame_count = 0;
  // Return addresses in the module, as addresses of its file, innermost first.
  uintptr_t frames[40] = {};

  std::span<const uintptr_t> stack() const { return {frames, frame_count}; }
};

// From here on this process and its children send a message of this kind, with
// a CrashReport, when they die of SIGSEGV, SIGBUS, SIGFPE, SIGILL or SIGABRT.
void TellCrashes(const runtimes::LoadedModule& module,
                 const runtimes::Messenger& messenger, char kind);

// What came with the message.
std::optional<CrashReport> ParseCrash(std::string_view bytes);

}  // namespace racelab::process

#endif  // RACELAB_RUNTIMES_PROCESS_CRASH_H_
