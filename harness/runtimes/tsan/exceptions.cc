// Exceptions that several threads hold, for libtsan (library_exceptions.h).

#include "runtimes/common/library_exceptions.h"

extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
}

namespace racelab::runtimes {

void OnReferenceDropped(void* count) { __tsan_release(count); }
void OnLastReferenceDropped(void* count) { __tsan_acquire(count); }
void OnExceptionFreed() {}

}  // namespace racelab::runtimes
