// The state of the loaded module that every execution starts from: its globals,
// its heap and its thread_locals, saved once and put back as often as needed.
//
// Thread safety: none.

#ifndef RACELAB_RUNTIMES_MODEL_PLATFORM_MODULE_STATE_H_
#define RACELAB_RUNTIMES_MODEL_PLATFORM_MODULE_STATE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace racelab::model {

struct Range {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  bool Contains(uintptr_t address) const {
    return address - begin < end - begin;
  }
};

class ModuleState {
 public:
  // Finds the module by the address of something in it (a test's body) and
  // saves its writable memory. Call it before any of the module's code ran,
  // static initializers excepted. False: no module holds the address.
  bool Save(uintptr_t address_within);
  void Restore();

  // Starts the calling fiber's thread_locals afresh; says where they are, 0 for
  // none.
  uintptr_t ResetThreadLocals();

  const Range& extent() const { return extent_; }
  bool Contains(uintptr_t address) const { return extent_.Contains(address); }
  const std::vector<Range>& writable() const { return writable_; }
  bool has_thread_locals() const { return tls_size_ != 0; }
  // The calling fiber's thread_locals of the module.
  Range ThreadLocals() const;

 private:
  Range extent_;
  std::vector<Range> writable_;
  std::vector<std::vector<char>> saved_;
  size_t tls_module_ = 0;
  const char* tls_image_ = nullptr;
  size_t tls_image_size_ = 0;
  size_t tls_size_ = 0;
};

// The one module of the process.
extern ModuleState module_state;

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_PLATFORM_MODULE_STATE_H_
