// A lab module, loaded into this process.
//
// It is never unloaded: GoogleTest keeps pointers into it.
//
// Thread safety: const access from any thread, once loaded.

#ifndef RACELAB_RUNTIMES_COMMON_MODULE_H_
#define RACELAB_RUNTIMES_COMMON_MODULE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runtimes/common/records.h"

namespace racelab::runtimes {

// Memory of the module, in this process.
struct MemoryRange {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  size_t size() const { return end - begin; }
  bool Contains(uintptr_t address) const {
    return address >= begin && address < end;
  }
};

// Is the address in the module that was loaded last? Async-signal-safe.
bool InLoadedModule(uintptr_t address);

class LoadedModule {
 public:
  // Loads (RTLD_NOW, RTLD_LOCAL) and runs the module's static initializers,
  // which are the student's code. FailedPrecondition: it cannot be loaded, with
  // the dynamic linker's own message; or it holds no tests.
  static absl::StatusOr<std::unique_ptr<LoadedModule>> Load(
      const std::string& path);

  const std::string& path() const { return path_; }
  // Where it was loaded: its file's address 0 (dl_phdr_info::dlpi_addr).
  uintptr_t bias() const { return bias_; }
  // All of it, from the first byte of its first segment to the last of its
  // last.
  MemoryRange extent() const { return extent_; }
  bool Contains(uintptr_t address) const { return extent_.Contains(address); }

  // Globals and function statics: the writable segments, without the part that
  // the linker made read-only after relocation. Saving these bytes after Load
  // and putting them back starts the module's state afresh.
  const std::vector<MemoryRange>& writable() const { return writable_; }

  // Its thread_locals: dl_phdr_info::dlpi_tls_modid, 0 if it has none.
  size_t tls_module_id() const { return tls_module_id_; }
  size_t tls_size() const { return tls_size_; }

  // In the order of the scenario.
  const std::vector<TestInfo>& tests() const { return tests_; }
  const TestInfo* Find(const std::string& name) const;

 private:
  LoadedModule() = default;

  std::string path_;
  uintptr_t bias_ = 0;
  MemoryRange extent_;
  std::vector<MemoryRange> writable_;
  size_t tls_module_id_ = 0;
  size_t tls_size_ = 0;
  std::vector<TestInfo> tests_;
};

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_MODULE_H_
