#include "runtimes/process/stack.h"

#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <unistd.h>

#include <string_view>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace racelab::process {
namespace {

// x86-64's, as DWARF numbers them.
constexpr int kStackPointer = 7;

constexpr size_t kMaxFrames = 64;

struct Sleeper {
  pid_t pid = 0;
  int memory = -1;  // /proc/PID/mem
  Dwarf_Word stack_pointer = 0;
  Dwarf_Word code_address = 0;
  std::string_view module;
  std::vector<uintptr_t> stack;
  size_t frames = 0;
};

// One thread, whatever its number is.
pid_t NextThread(Dwfl*, void* sleeper, void** thread) {
  if (*thread != nullptr) return 0;
  *thread = sleeper;
  return static_cast<Sleeper*>(sleeper)->pid;
}

bool ReadMemory(Dwfl*, Dwarf_Addr address, Dwarf_Word* word, void* sleeper) {
  return pread(static_cast<Sleeper*>(sleeper)->memory, word, sizeof *word,
               static_cast<off_t>(address)) == sizeof *word;
}

bool SetRegisters(Dwfl_Thread* thread, void* sleeper) {
  const auto* self = static_cast<Sleeper*>(sleeper);
  dwfl_thread_state_register_pc(thread, self->code_address);
  return dwfl_thread_state_registers(thread, kStackPointer, 1,
                                     &self->stack_pointer);
}

int TakeFrame(Dwfl_Frame* frame, void* sleeper) {
  auto* self = static_cast<Sleeper*>(sleeper);
  Dwarf_Addr pc = 0;
  if (!dwfl_frame_pc(frame, &pc, nullptr)) return DWARF_CB_ABORT;
  Dwfl_Module* module =
      dwfl_addrmodule(dwfl_thread_dwfl(dwfl_frame_thread(frame)), pc);
  const char* name = module == nullptr
                         ? nullptr
                         : dwfl_module_info(module, nullptr, nullptr, nullptr,
                                            nullptr, nullptr, nullptr, nullptr);
  GElf_Addr bias = 0;
  if (name != nullptr && name == self->module &&
      dwfl_module_getelf(module, &bias) != nullptr) {
    self->stack.push_back(pc - bias);
  }
  return ++self->frames < kMaxFrames ? DWARF_CB_OK : DWARF_CB_ABORT;
}

// No debug information of anybody's is needed.
int FindNoDebugInfo(Dwfl_Module*, void**, const char*, Dwarf_Addr, const char*,
                    const char*, GElf_Word, char**) {
  return -1;
}

}  // namespace

std::vector<uintptr_t> StackIn(const std::string& module, pid_t pid,
                               uint64_t stack_pointer, uint64_t code_address) {
  static constexpr Dwfl_Callbacks kFiles = {
      .find_elf = dwfl_linux_proc_find_elf,
      .find_debuginfo = FindNoDebugInfo,
      .section_address = nullptr,
      .debuginfo_path = nullptr};
  static constexpr Dwfl_Thread_Callbacks kThread = {
      .next_thread = NextThread,
      .get_thread = nullptr,
      .memory_read = ReadMemory,
      .set_initial_registers = SetRegisters,
      .detach = nullptr,
      .thread_detach = nullptr};
  Dwfl* dwfl = dwfl_begin(&kFiles);
  if (dwfl == nullptr) return {};
  Sleeper sleeper;
  const absl::Cleanup end = [&] {
    dwfl_end(dwfl);
    if (sleeper.memory >= 0) close(sleeper.memory);
  };
  if (dwfl_linux_proc_report(dwfl, pid) != 0 ||
      dwfl_report_end(dwfl, nullptr, nullptr) != 0) {
    return {};
  }
  sleeper.memory =
      open(absl::StrCat("/proc/", pid, "/mem").c_str(), O_RDONLY | O_CLOEXEC);
  if (sleeper.memory < 0) return {};
  sleeper.pid = pid;
  sleeper.stack_pointer = stack_pointer;
  sleeper.code_address = code_address;
  sleeper.module = module;
  if (!dwfl_attach_state(dwfl, nullptr, pid, &kThread, &sleeper)) return {};
  // An error at the end is a register that nobody knows.
  dwfl_getthread_frames(dwfl, pid, TakeFrame, &sleeper);
  return std::move(sleeper.stack);
}

}  // namespace racelab::process
