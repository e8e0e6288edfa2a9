#include "runtimes/model/bridge/loading.h"

#include <dlfcn.h>

#include "runtimes/model/platform/arena.h"
#include "runtimes/model/platform/real.h"

namespace racelab::model {

bool module_is_loading = false;
bool module_is_instrumented = false;
uintptr_t waiter_pool = 0;

}  // namespace racelab::model

extern "C" void* dlopen(const char* path, int mode) {
  using namespace racelab::model;
  static bool mapped = heap_arena.Map();
  FindOwnCode();
  module_is_loading = mapped;
  void* handle = Real().dlopen(path, mode);
  module_is_loading = false;
  if (handle != nullptr) {
    // std::__detail::__waiter_pool_base::_S_for(void const*)::__w
    waiter_pool = reinterpret_cast<uintptr_t>(dlsym(
        handle, "_ZZNSt8__detail18__waiter_pool_base6_S_forEPKvE3__w"));
  }
  return handle;
}
