#include "runtimes/model/platform/real.h"

namespace racelab::model {
namespace {

RealFunctions functions;
bool resolved = false;

template <typename Function>
void Resolve(Function& function, const char* name) {
  function = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// No function static: its guard is interposed, too. Resolving twice, by two
// threads, would give the same pointers.
const RealFunctions& Real() {
  if (!resolved) {
#define RACELAB_REAL(name) Resolve(functions.name, #name);
#include "runtimes/model/platform/real_functions.inc"
#undef RACELAB_REAL
    resolved = true;
  }
  return functions;
}

}  // namespace racelab::model
