// What a child says when it dies or is asked where it is.
//
//   crash   a fatal signal or std::terminate: a message with the signal, the
//           address and the stack, then the default action, so that the parent
//           sees the same death from outside;
//   where   the parent sends kWhereSignal to a thread; its stack goes to the
//           thread's slot on the blackboard.
//
// Handlers are installed past libtsan and past the student's code, on alternate
// stacks (InstallAlternateStack), so that a stack overflow can be told too.
//
// Thread safety: InstallHandlers once, before there are threads.

#ifndef RACELAB_RUNTIMES_COMMON_SIGNALS_H_
#define RACELAB_RUNTIMES_COMMON_SIGNALS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtimes/common/child.h"

namespace racelab::runtimes {

// The kinds of these messages.
inline constexpr char kCrashMessage = 'S';
inline constexpr char kTerminateMessage = 'X';
inline constexpr char kMisuseMessage = 'M';

int WhereSignal();

void InstallHandlers(const Messenger& messenger);

// What kCrashMessage holds.
struct CrashReport {
  int signal = 0;
  bool stack_overflow = false;
  uintptr_t address = 0;  // that was accessed
  uint32_t thread = 0;    // slot of the blackboard
  uint32_t frame_count = 0;
  uintptr_t frames[48] = {};
};
std::optional<CrashReport> ParseCrash(std::string_view bytes);

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_SIGNALS_H_
