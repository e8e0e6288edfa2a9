#include "sandbox/init_image.h"

#include <string_view>

asm(".pushsection .rodata\n"
    ".balign 16\n"
    "racelab_sandbox_init_begin:\n"
    ".incbin \"" RACELAB_SANDBOX_INIT
    "\"\n"
    "racelab_sandbox_init_end:\n"
    ".popsection\n");

extern "C" const char racelab_sandbox_init_begin[];
extern "C" const char racelab_sandbox_init_end[];

namespace racelab::sandbox {

std::string_view InitImage() {
  return {racelab_sandbox_init_begin,
          static_cast<size_t>(racelab_sandbox_init_end -
                              racelab_sandbox_init_begin)};
}

}  // namespace racelab::sandbox
