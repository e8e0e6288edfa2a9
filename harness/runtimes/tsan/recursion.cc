#include "runtimes/tsan/recursion.h"

#include <link.h>

#include <string_view>

#include "runtimes/common/relocations.h"

extern "C" {
void __tsan_func_entry(void* call_site);
void __tsan_func_exit();
}

namespace racelab::tsan {
namespace {

// Of the current thread, in the module.
thread_local uint32_t calls = 0;

void Enter(void* call_site) {
  if (++calls <= kMostCalls) __tsan_func_entry(call_site);
}
void Return() {
  if (calls-- <= kMostCalls) __tsan_func_exit();
}

}  // namespace

void LimitRecursion(const std::string& module) {
  const link_map* const object = runtimes::LoadedObject(module);
  if (object == nullptr) return;
  runtimes::ForEachRelocation(*object, [&](const char* name,
                                           const ElfW(Rela) & entry) {
    if (std::string_view(name) == "__tsan_func_entry") {
      runtimes::Redirect(*object, entry, reinterpret_cast<uintptr_t>(&Enter));
    } else if (std::string_view(name) == "__tsan_func_exit") {
      runtimes::Redirect(*object, entry, reinterpret_cast<uintptr_t>(&Return));
    }
  });
}

}  // namespace racelab::tsan
