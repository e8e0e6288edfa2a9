// Addresses that are given out again: the ABA problem.
//
// The arena gives out every address once, so that a use after free is found
// however late it comes. But then a compare-exchange that was given the address
// of a freed block would never meet another block there, as with a real
// allocator it may: it would fail where it ought to succeed, wrongly. So, where
// another thread may still compare with the address of a freed block, an
// allocation of the same size may get that block again, as a choice of the
// strategy's (kReuse; 0 is a fresh address).
//
// A thread may still compare with what it read last from an atomic object,
// until a compare-exchange of its own on that object succeeds. The free must
// happen before the allocation. Programs that exchange no pointers with
// compare-exchange are never asked.

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_REUSE_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_REUSE_H_

#include <cstddef>
#include <cstdint>

#include "runtimes/model/bridge/loading.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/platform/arena.h"

namespace racelab::model {

// The current thread read `value` from the atomic object at `object`, or, with
// `done`, has exchanged it there.
void NoteAddress(uintptr_t object, Value value, bool done);
inline void NoteSeen(uintptr_t object, Value value, bool done) {
  if (!module_compares_addresses) return;
  if (execution.self().held_count == 0 && !Arena::Contains(value.lo) &&
      !Arena::Contains(value.hi)) {
    return;
  }
  NoteAddress(object, value, done);
}

// The freed block that an allocation by the current thread gets, or null: a
// fresh one.
Arena::Block* ChooseFreedBlock(size_t size, size_t alignment);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_REUSE_H_
