// The C library's own functions behind the ones that bridge/ interposes.
//
// They are what an interposed function does when no execution is running, or
// when it is called for an object of the runner's own.

#ifndef RACELAB_RUNTIMES_MODEL_PLATFORM_REAL_H_
#define RACELAB_RUNTIMES_MODEL_PLATFORM_REAL_H_

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

namespace racelab::model {

// Each member has the name and type of the function that it is.
struct RealFunctions {
#define RACELAB_REAL(name) decltype(&::name) name;
#include "runtimes/model/platform/real_functions.inc"
#undef RACELAB_REAL
};

// Resolved when first asked for; usable from static initializers.
const RealFunctions& Real();

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_PLATFORM_REAL_H_
