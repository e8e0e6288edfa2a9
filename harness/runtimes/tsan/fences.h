// std::atomic_thread_fence, which libtsan carries out and does not understand:
// it would accuse programs that are ordered by fences.
//
// Here a thread remembers its fences. After a release fence its relaxed stores
// are given to libtsan as release stores; an acquire fence acquires from every
// atomic that the thread has read without acquiring since the last one. So
// libtsan knows of every order that the C++ standard gives (atomics.fences),
// and of few that it does not: what was stored to an atomic between the read
// and the fence, or changed by the thread between its fence and the store.
//
// Of more atomics than it remembers between two fences, it acquires from the
// others as it reads them.

#ifndef RACELAB_RUNTIMES_TSAN_FENCES_H_
#define RACELAB_RUNTIMES_TSAN_FENCES_H_

#include <string>

namespace racelab::tsan {

// Has the module's atomics called here, if it has fences: it must be loaded and
// no thread of its may run. Costs modules without fences nothing.
void FollowFences(const std::string& module);

// The order to give to libtsan, for an atomic operation of the program's that
// is no call of __tsan_atomic…: by large_atomics.cc.
int OrderOfRead(const volatile void* object, int order);
int OrderOfStore(int order);
int OrderOfChange(const volatile void* object, int order);  // reads and stores

}  // namespace racelab::tsan

#endif  // RACELAB_RUNTIMES_TSAN_FENCES_H_
