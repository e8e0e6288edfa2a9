// What library_exceptions.cc tells; a runner that takes it defines these.

#ifndef RACELAB_RUNTIMES_COMMON_LIBRARY_EXCEPTIONS_H_
#define RACELAB_RUNTIMES_COMMON_LIBRARY_EXCEPTIONS_H_

namespace racelab::runtimes {

// The calling thread is about to give up a reference to an exception that
// others refer to as well. `count` stands for it: an address within its memory.
void OnReferenceDropped(void* count);

// The calling thread gave up the last one, and is about to destroy and free the
// object: that comes after all that the others did before they gave up theirs.
void OnLastReferenceDropped(void* count);
void OnExceptionFreed();

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_LIBRARY_EXCEPTIONS_H_
