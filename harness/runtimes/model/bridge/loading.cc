#include "runtimes/model/bridge/loading.h"

#include <dlfcn.h>
#include <link.h>

#include <cstring>
#include <initializer_list>

#include "runtimes/common/relocations.h"
#include "runtimes/model/bridge/c_strings.h"
#include "runtimes/model/platform/arena.h"
#include "runtimes/model/platform/real.h"

namespace racelab::model {

bool module_is_loading = false;
bool module_is_instrumented = false;
bool module_looks_at_ends = false;
bool module_detaches = false;
bool module_compares_addresses = false;
uintptr_t waiter_pool = 0;

namespace {

// Does the object import one of these functions? Its relocations name them.
bool Imports(const link_map& object, std::initializer_list<const char*> names) {
  bool found = false;
  runtimes::ForEachRelocation(object,
                              [&](const char* imported, const ElfW(Rela)&) {
                                for (const char* name : names) {
                                  if (std::strcmp(imported, name) == 0)
                                    found = true;
                                }
                              });
  return found;
}

}  // namespace
}  // namespace racelab::model

extern "C" void* dlopen(const char* path, int mode) {
  using namespace racelab::model;
  static bool mapped = heap_arena.Map();
  FindOwnCode();
  module_is_loading = mapped;
  void* handle = Real().dlopen(path, mode);
  module_is_loading = false;
  if (handle != nullptr) {
    link_map* object = nullptr;
    const bool known = dlinfo(handle, RTLD_DI_LINKMAP, &object) == 0;
    if (known) WatchStringCalls(*object);
    module_looks_at_ends =
        known && Imports(*object, {"pthread_tryjoin_np", "pthread_timedjoin_np",
                                   "pthread_clockjoin_np"});
    module_detaches = known && Imports(*object, {"pthread_detach"});
    module_compares_addresses =
        known && Imports(*object, {"__tsan_atomic64_compare_exchange_val",
                                   "__tsan_atomic64_compare_exchange_strong",
                                   "__tsan_atomic64_compare_exchange_weak",
                                   "__tsan_atomic128_compare_exchange_val",
                                   "__tsan_atomic128_compare_exchange_strong",
                                   "__tsan_atomic128_compare_exchange_weak"});
    // std::__detail::__waiter_pool_base::_S_for(void const*)::__w
    waiter_pool = reinterpret_cast<uintptr_t>(
        dlsym(handle, "_ZZNSt8__detail18__waiter_pool_base6_S_forEPKvE3__w"));
  }
  return handle;
}
