// init's executable, as bytes of this library.

#ifndef RACELAB_SANDBOX_INIT_IMAGE_H_
#define RACELAB_SANDBOX_INIT_IMAGE_H_

#include <string_view>

namespace racelab::sandbox {

std::string_view InitImage();

}  // namespace racelab::sandbox

#endif  // RACELAB_SANDBOX_INIT_IMAGE_H_
