#include "runtimes/process/crash.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "runtimes/common/unwind.h"

namespace racelab::process {
namespace {

// Written once, before there are threads or children.
const runtimes::Messenger* to = nullptr;
char kind_of_message = 0;
pid_t first = 0;
runtimes::MemoryRange extent;
uintptr_t bias = 0;

void OnCrash(int signal, siginfo_t*, void*) {
  CrashReport report;
  report.signal = signal;
  report.of_child = getpid() != first;
  uintptr_t stack[std::size(report.frames)];
  const size_t size = runtimes::CaptureStack(stack, std::size(stack));
  for (size_t i = 0; i < size; ++i) {
    if (!extent.Contains(stack[i])) continue;
    report.frames[report.frame_count++] = stack[i] - bias;
  }
  to->Send(kind_of_message,
           {reinterpret_cast<const char*>(&report), sizeof report});
  // SA_RESETHAND has put the default action back; the signal is blocked until
  // this returns, and then does what it would have done.
  raise(signal);
}

}  // namespace

void TellCrashes(const runtimes::LoadedModule& module,
                 const runtimes::Messenger& messenger, char kind) {
  extent = module.extent();
  bias = module.bias();
  to = &messenger;
  kind_of_message = kind;
  first = getpid();
  runtimes::PrepareUnwinding();
  struct sigaction action = {};
  action.sa_sigaction = OnCrash;
  action.sa_flags = SA_SIGINFO | SA_RESETHAND;
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    sigaction(signal, &action, nullptr);
  }
}

std::optional<CrashReport> ParseCrash(std::string_view bytes) {
  CrashReport report;
  if (bytes.size() != sizeof report) return std::nullopt;
  memcpy(&report, bytes.data(), sizeof report);
  report.frame_count =
      std::min<uint32_t>(report.frame_count, std::size(report.frames));
  return report;
}

}  // namespace racelab::process
