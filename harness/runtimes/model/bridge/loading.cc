#include "runtimes/model/bridge/loading.h"

#include <dlfcn.h>

#include "runtimes/model/platform/arena.h"
#include "runtimes/model/platform/real.h"

namespace racelab::model {

bool module_is_loading = false;

}  // namespace racelab::model

extern "C" void* dlopen(const char* path, int mode) {
  using namespace racelab::model;
  static bool mapped = heap_arena.Map();
  FindOwnCode();
  module_is_loading = mapped;
  void* handle = Real().dlopen(path, mode);
  module_is_loading = false;
  return handle;
}
