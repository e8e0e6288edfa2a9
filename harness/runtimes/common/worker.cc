#include "runtimes/common/worker.h"

#include <cxxabi.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <exception>
#include <filesystem>
#include <memory>
#include <typeinfo>
#include <utility>

#include "runtimes/common/raw_syscall.h"
#include "runtimes/common/threads.h"

namespace racelab::runtimes {
namespace {

// Kinds of the worker's own messages; crash and terminate are in signals.h.
constexpr char kLoadError = 'E';
constexpr char kFailure = 'F';
constexpr char kSkipped = 'K';
constexpr char kUnjoined = 'U';
constexpr char kComplete = 'C';

constexpr size_t kMaxFailures = 20;

int ToInt(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Up to the first newline, which is taken off too.
std::string_view TakeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

int Work(const WorkerOptions& options, const Messenger& messenger) {
  Blackboard& board = *options.board;
  NoteRuntimeThreads(board);
  board.thread_count.store(0, std::memory_order_relaxed);
  board.rounds.store(0, std::memory_order_relaxed);
  board.running.store(0, std::memory_order_release);
  InstallHandlers(messenger);
  if (options.before_load) options.before_load();
  auto module = LoadedModule::Load(options.module);
  if (!module.ok()) {
    messenger.Send(kLoadError, std::string(module.status().message()));
    return 0;
  }
  const TestInfo* test = (*module)->Find(options.test);
  if (test == nullptr) {
    messenger.Send(kLoadError, "the module no longer has this test");
    return 0;
  }
  board.module_begin.store((*module)->extent().begin,
                           std::memory_order_relaxed);
  board.module_bias.store((*module)->bias(), std::memory_order_relaxed);
  // Release: publishes begin and bias.
  board.module_end.store((*module)->extent().end, std::memory_order_release);
  options.work({messenger, board, **module, *test});
  board.running.store(0, std::memory_order_release);
  messenger.Send(kComplete, "");
  return 0;
}

std::string Thing(const HangingThread& thread, Places& places) {
  const std::string name = places.Global(thread.object, 1).name;
  const auto with_name = [&](const char* kind) {
    return name.empty() ? std::string("a ") + kind
                        : std::string(kind) + " " + name;
  };
  switch (thread.kind) {
    case WaitKind::kMutex:
      return with_name("mutex");
    case WaitKind::kRwLock:
      return with_name("shared mutex");
    case WaitKind::kCondition:
      return with_name("condition variable");
    case WaitKind::kSemaphore:
      return with_name("semaphore");
    case WaitKind::kBarrier:
      return with_name("barrier");
    case WaitKind::kFutex:
      return with_name("synchronization object");
    case WaitKind::kJoin:
      return thread.held_by >= 0 ? "the end of " + ThreadName(thread.held_by)
                                 : std::string("the end of a thread");
    case WaitKind::kSleep:
      return "the end of a sleep";
    case WaitKind::kNone:
      break;
  }
  return "";
}

verdict::Finding Deadlock(const WorkerReport& report, Places& places) {
  verdict::Finding finding;
  finding.kind = verdict::FailureKind::kDeadlock;
  finding.message = "No thread can ever go on:";
  const char* separator = " ";
  for (const HangingThread& thread : report.threads) {
    verdict::BlockedThread blocked;
    blocked.thread = ThreadName(thread.index);
    blocked.waits_for = Thing(thread, places);
    if (thread.held_by >= 0) blocked.held_by = ThreadName(thread.held_by);
    blocked.stack = places.Own(thread.stack);
    finding.message +=
        separator + blocked.thread + " waits for " + blocked.waits_for;
    if (thread.kind == WaitKind::kMutex && thread.held_by >= 0) {
      finding.message +=
          thread.held_by == static_cast<int>(thread.index)
              ? ", which it holds itself"
              : ", which " + ThreadName(thread.held_by) + " holds";
    }
    separator = "; ";
    // The most telling place: not the one who waits in join.
    if (!blocked.stack.empty() &&
        (finding.where.line == 0 || thread.index != 0)) {
      finding.where = blocked.stack.front();
    }
    finding.blocked.push_back(std::move(blocked));
  }
  finding.message += ".";
  return finding;
}

verdict::Finding Crash(const WorkerReport& report, Places& places) {
  verdict::Finding finding;
  finding.kind = verdict::FailureKind::kCrash;
  const CrashReport& crash = *report.crash;
  const std::vector<verdict::SourceLocation> stack =
      places.Own({crash.frames, crash.frame_count});
  if (!stack.empty()) finding.where = stack.front();
  const std::string thread = ThreadName(crash.thread);
  if (report.misuse) {
    finding.kind = verdict::FailureKind::kMisuse;
    finding.message = *report.misuse + " (thread " + thread + ").";
  } else if (report.terminate) {
    finding.message =
        report.terminate->empty()
            ? "std::terminate was called in thread " + thread +
                  ": as a rule a std::thread that was destroyed, or assigned "
                  "to, before join()."
            : "An exception left thread " + thread +
                  " and was never caught: " + *report.terminate;
  } else if (crash.stack_overflow) {
    finding.message = "The stack of thread " + thread + " overflowed.";
  } else {
    finding.message = "The program crashed in thread " + thread + ": " +
                      SignalName(crash.signal);
    if (crash.signal == SIGSEGV && crash.address < 4096) {
      finding.message += ", through a null pointer";
    }
    finding.message += ".";
  }
  for (const verdict::SourceLocation& frame : stack) {
    finding.output += frame.function + " at " + frame.file + ":" +
                      std::to_string(frame.line) + "\n";
  }
  return finding;
}

}  // namespace

void NoteRuntimeThreads(Blackboard& board) {
  const long self = RawSyscall(SYS_gettid);
  std::error_code error;
  size_t next = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/self/task", error)) {
    const int tid = ToInt(entry.path().filename().string());
    if (tid != self && next < std::size(board.runtime_tids)) {
      board.runtime_tids[next++].store(tid, std::memory_order_release);
    }
  }
  for (; next < std::size(board.runtime_tids); ++next) {
    board.runtime_tids[next].store(0, std::memory_order_release);
  }
}

void NoteWaitingThread(Blackboard& board) {
  for (auto& tid : board.runtime_tids) {
    if (tid.load(std::memory_order_relaxed) == 0) {
      tid.store(static_cast<int>(RawSyscall(SYS_gettid)),
                std::memory_order_release);
      return;
    }
  }
}

void WorkerContext::Failed(const ExpectationFailure& failure) const {
  messenger.Send(kFailure, (failure.fatal ? "1\n" : "0\n") +
                               std::to_string(failure.line) + "\n" +
                               failure.file + "\n" + failure.message);
}

void WorkerContext::Skipped() const { messenger.Send(kSkipped, ""); }

void WorkerContext::CallBody() const {
  const auto thrown = [this](const std::string& what) {
    Failed({.file = "",
            .line = 0,
            .message = "C++ exception with description \"" + what +
                       "\" thrown in the test body.",
            .fatal = true});
  };
  try {
    test.body();
  } catch (const std::exception& exception) {
    thrown(exception.what());
  } catch (...) {
    const std::type_info* type = abi::__cxa_current_exception_type();
    // Cancellation of a thread passes through here and must go on.
    if (type == nullptr) throw;
    thrown(std::string("of type ") + type->name());
  }
}

void WorkerContext::RunTestOnce() const {
  if (test.body != nullptr) {
    ExpectationScope scope(
        [this](const ExpectationFailure& failure) { Failed(failure); },
        [this] { Skipped(); });
    CallBody();
    return;
  }
  const GoogleTestRun run = RunGoogleTest(test.name);
  for (const ExpectationFailure& failure : run.failures) Failed(failure);
  if (run.skipped) Skipped();
}

bool WorkerContext::CheckThreads() const {
  const uint32_t unjoined = FirstUnjoined();
  if (unjoined == 0) return true;
  messenger.Send(kUnjoined, std::to_string(unjoined));
  return false;
}

absl::StatusOr<WorkerReport> RunWorker(const WorkerOptions& options) {
  WorkerReport report;
  HangWatch watch(*options.board, options.hang_seconds);
  ChildOptions child;
  child.work = [&](const Messenger& messenger) {
    return Work(options, messenger);
  };
  child.on_message = [&](char kind, std::string_view bytes) {
    switch (kind) {
      case kLoadError:
        report.load_error = std::string(bytes);
        break;
      case kSkipped:
        report.skipped = true;
        break;
      case kFailure: {
        ExpectationFailure failure;
        failure.fatal = TakeLine(bytes) == "1";
        failure.line = ToInt(TakeLine(bytes));
        failure.file = std::string(TakeLine(bytes));
        failure.message = std::string(bytes);
        if (report.failures.size() < kMaxFailures) {
          report.failures.push_back(std::move(failure));
        }
        break;
      }
      case kUnjoined:
        report.unjoined = ToInt(bytes);
        break;
      case kComplete:
        report.complete = true;
        break;
      case kCrashMessage:
        if (!report.crash) report.crash = ParseCrash(bytes);
        break;
      case kMisuseMessage:
        report.misuse = std::string(bytes);
        break;
      case kTerminateMessage:
        report.terminate = std::string(bytes);
        break;
      default:
        if (options.on_message) options.on_message(kind, bytes);
    }
  };
  child.on_tick = [&](pid_t pid) {
    if (options.on_tick) options.on_tick();
    report.hang = watch.Look(pid);
    if (report.hang == HangWatch::State::kGoing) return true;
    report.threads = WhereAreThreads(pid, *options.board);
    const uint64_t bytes = ResidentBytes(pid);
    if (options.most_bytes != 0 && bytes > options.most_bytes) {
      report.too_many_bytes = bytes;
    }
    return false;
  };
  child.stop = options.stop;
  absl::StatusOr<ChildEnd> end = RunChild(child);
  if (!end.ok()) return end.status();
  report.end = *end;
  return report;
}

uint64_t ResidentBytes(pid_t process) {
  const std::string name = "/proc/" + std::to_string(process) + "/statm";
  FILE* file = fopen(name.c_str(), "re");
  if (file == nullptr) return 0;
  unsigned long total = 0, resident = 0;
  if (fscanf(file, "%lu %lu", &total, &resident) != 2) resident = 0;
  fclose(file);
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

namespace {

verdict::Finding FillsMemory(const WorkerReport& report, Places& places) {
  verdict::Finding finding;
  finding.kind = verdict::FailureKind::kCrash;
  finding.message =
      "The program goes on and on and fills memory: it was stopped when it "
      "held " +
      std::to_string(report.too_many_bytes >> 20) +
      " MiB. Look for a loop that allocates.";
  for (const HangingThread& thread : report.threads) {
    if (thread.kind != WaitKind::kNone) continue;
    const auto own = places.Own(thread.stack);
    if (own.empty()) continue;
    finding.where = own.front();
    break;
  }
  return finding;
}

}  // namespace

std::optional<verdict::Finding> FindingOf(const WorkerReport& report,
                                          Places& places,
                                          const Blackboard& board) {
  if (!report.failures.empty()) return ToFinding(report.failures.front());
  if (report.crash) return Crash(report, places);
  if (report.unjoined) {
    verdict::Finding finding;
    finding.kind = verdict::FailureKind::kLeak;
    finding.message = "Thread " + ThreadName(*report.unjoined) +
                      " was neither joined nor detached.";
    if (*report.unjoined < kMaxThreads) {
      const SharedStack& created = board.threads[*report.unjoined].created_at;
      std::vector<uintptr_t> frames;
      for (uint32_t i = 0;
           i < created.size.load(std::memory_order_acquire) && i < kMaxFrames;
           ++i) {
        frames.push_back(created.frames[i].load(std::memory_order_relaxed));
      }
      const auto own = places.Own(frames);
      if (!own.empty()) finding.where = own.front();
    }
    return finding;
  }
  if (report.hang == HangWatch::State::kDeadlocked) {
    return Deadlock(report, places);
  }
  if (report.too_many_bytes != 0) return FillsMemory(report, places);
  if (report.complete || report.hang != HangWatch::State::kGoing ||
      !report.load_error.empty()) {
    return std::nullopt;
  }
  verdict::Finding finding;
  finding.kind = verdict::FailureKind::kCrash;
  if (report.end.how == ChildEnd::How::kExited) {
    finding.message =
        "The program left in the middle of the test, with exit "
        "code " +
        std::to_string(report.end.code) + ".";
    return finding;
  }
  // Killed from outside: the machine's doing (out of memory), or its own.
  if (report.end.signal == SIGKILL) return std::nullopt;
  finding.message = "The program crashed: " + SignalName(report.end.signal);
  return finding;
}

std::string WhyIncomplete(const WorkerReport& report, Places& places,
                          double hang_seconds) {
  if (!report.load_error.empty()) return report.load_error;
  if (report.hang == HangWatch::State::kTooLong) {
    std::string reason = "one round did not end within " +
                         std::to_string(static_cast<int>(hang_seconds)) +
                         " s, and nothing proves that it never would";
    for (const HangingThread& thread : report.threads) {
      reason += "; " + ThreadName(thread.index);
      const std::string thing = Thing(thread, places);
      reason += thing.empty() ? " runs" : " waits for " + thing;
      const auto stack = places.Own(thread.stack);
      if (!stack.empty()) {
        reason += " at " + stack.front().file + ":" +
                  std::to_string(stack.front().line);
      }
    }
    return reason;
  }
  if (report.skipped) return "the test skips itself";
  if (report.complete) return "";
  if (report.end.how == ChildEnd::How::kSignaled) {
    return "the program was killed from outside (" +
           SignalName(report.end.signal) + ")";
  }
  return "the run did not end by itself";
}

}  // namespace racelab::runtimes
