// Ways to leave the program, and what the model cannot follow.

#include "runtimes/model/bridge/process.h"

#include <assert.h>
#include <cxxabi.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <exception>
#include <string>
#include <typeinfo>

#include "runtimes/model/execution.h"
#include "runtimes/model/platform/real.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

namespace racelab::model {
namespace {

std::string Demangled(const char* name) {
  int status = 0;
  char* text = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  std::string result = status == 0 && text != nullptr ? text : name;
  free(text);
  return result;
}

[[noreturn]] void OnTerminate() {
  if (!execution.active) Real().raise(SIGABRT);
  execution.inside = true;
  std::string message = "std::terminate was called.";
  if (const std::type_info* type = abi::__cxa_current_exception_type()) {
    message =
        "An exception left its thread uncaught: " + Demangled(type->name()) +
        ".";
    try {
      throw;
    } catch (const std::exception& error) {
      message.pop_back();
      message += ": " + std::string(error.what());
    } catch (...) {  // NOLINT(bugprone-empty-catch)
      // Not of std::exception: its type says all there is.
    }
  }
  Fail(verdict::FailureKind::kCrash, message);
}

[[noreturn]] void Exit(const char* function, int code, uintptr_t pc) {
  Bridge bridge;
  Fail(verdict::FailureKind::kCrash,
       std::string("The program ends itself: ") + function + "(" +
           std::to_string(code) + ") is called.",
       pc);
}

}  // namespace

void WatchTerminate() { std::set_terminate(&OnTerminate); }

}  // namespace racelab::model

using namespace racelab::model;
namespace verdict = racelab::verdict;

namespace {
template <typename Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}
}  // namespace

extern "C" {

void abort() noexcept {
  if (execution.active) {
    Bridge bridge;
    Fail(verdict::FailureKind::kCrash, "abort() is called.", RACELAB_PC);
  }
  Real().raise(SIGABRT);
  _exit(134);
}

void exit(int code) noexcept {
  if (InProgram()) Exit("exit", code, RACELAB_PC);
  Next<void (*)(int)>("exit")(code);
  __builtin_unreachable();
}
void _exit(int code) {
  if (InProgram()) Exit("_exit", code, RACELAB_PC);
  Next<void (*)(int)>("_exit")(code);
  __builtin_unreachable();
}
void _Exit(int code) noexcept {
  if (InProgram()) Exit("_Exit", code, RACELAB_PC);
  Next<void (*)(int)>("_exit")(code);
  __builtin_unreachable();
}
void quick_exit(int code) noexcept {
  if (InProgram()) Exit("quick_exit", code, RACELAB_PC);
  Next<void (*)(int)>("quick_exit")(code);
  __builtin_unreachable();
}

void __assert_fail(const char* expression, const char* file, unsigned line,
                   const char* function) noexcept {
  if (InProgram()) {
    Bridge bridge;
    Fail(verdict::FailureKind::kCrash,
         "assert(" + std::string(expression) + ") does not hold.", RACELAB_PC);
  }
  Next<void (*)(const char*, const char*, unsigned, const char*)>(
      "__assert_fail")(expression, file, line, function);
  __builtin_unreachable();
}

// Pure virtual calls and deleted objects used again.
void __cxa_pure_virtual() {
  if (InProgram()) {
    Bridge bridge;
    Fail(verdict::FailureKind::kCrash, "A pure virtual function is called.",
         RACELAB_PC);
  }
  std::terminate();
}

// Destructors of function statics: every execution starts them afresh, and none
// of them is run at the end.
int __cxa_atexit(void (*function)(void*), void* argument,
                 void* library) noexcept {
  if (InProgram()) return 0;
  return Next<int (*)(void (*)(void*), void*, void*)>("__cxa_atexit")(
      function, argument, library);
}
int atexit(void (*function)()) noexcept {
  if (InProgram()) return 0;
  return Next<int (*)(void (*)(void*), void*, void*)>("__cxa_atexit")(
      reinterpret_cast<void (*)(void*)>(function), nullptr, nullptr);
}

pid_t fork() noexcept {
  if (InProgram()) {
    Bridge bridge;
    Unsupported(
        "The scenario calls fork(): the model checks threads, not "
        "processes.");
  }
  return Real().fork();
}

// The C library's random numbers, the same in every execution.
int rand() noexcept {
  if (!InProgram()) return Real().rand();
  uint64_t& state = execution.random_state;
  state = state * 6364136223846793005ull + 1442695040888963407ull;
  return static_cast<int>(state >> 33);
}
void srand(unsigned seed) noexcept {
  if (!InProgram()) {
    Real().srand(seed);
    return;
  }
  execution.random_state = seed;
}
long random() noexcept { return InProgram() ? rand() : Real().random(); }
void srandom(unsigned seed) noexcept {
  if (InProgram()) {
    srand(seed);
  } else {
    Real().srandom(seed);
  }
}

}  // extern "C"
