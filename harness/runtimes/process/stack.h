// Where a task sleeps, told from outside and without stopping it: seccomp
// allows no ptrace() in the sandbox, but /proc tells the stack pointer and the
// code address of a task in a system call, and its memory. From there libdwfl
// unwinds by the call frame information of libc and of the module.
//
// Registers that must be preserved across calls are not told, so a stack ends
// early where a function is unwound by one that nobody has saved: there is at
// least the innermost frame of the module, as a rule.
//
// Thread safety: none; the task sleeps while it is looked at.

#ifndef RACELAB_RUNTIMES_PROCESS_STACK_H_
#define RACELAB_RUNTIMES_PROCESS_STACK_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace racelab::process {

// Return addresses in `module` (a path, as /proc/PID/maps has it), as addresses
// of its file, innermost first. Empty where anything cannot be read.
std::vector<uintptr_t> StackIn(const std::string& module, pid_t pid,
                               uint64_t stack_pointer, uint64_t code_address);

}  // namespace racelab::process

#endif  // RACELAB_RUNTIMES_PROCESS_STACK_H_
