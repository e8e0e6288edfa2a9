// Where the states behind absl::Mutex and its kind live in runner.tsan, and who
// uses such an object at all.
//
// In libtsan's heap, but behind its back: otherwise a new block counts as
// written by the thread that asked for it, and the next thread that locks would
// race with that. A block must be fresh, too: what a state's last owner did to
// it, pthread_mutex_destroy above all, is no matter to who has it next.

#include <cstddef>
#include <cstdlib>

#include "runtimes/common/absl_sync_state.h"

extern "C" {
void __tsan_ignore_thread_begin();
void __tsan_ignore_thread_end();
unsigned char __tsan_atomic8_load(const volatile unsigned char*, int order);
void __tsan_write1(void* address);
}

namespace {

// While it lives, libtsan's malloc clears what is known of accesses to the
// block where it would otherwise note a write, and its free notes nothing. Both
// forget the locks that the block held.
class Unnoticed {
 public:
  Unnoticed() { __tsan_ignore_thread_begin(); }
  ~Unnoticed() { __tsan_ignore_thread_end(); }
  Unnoticed(const Unnoticed&) = delete;
  Unnoticed& operator=(const Unnoticed&) = delete;
};

}  // namespace

extern "C" void* racelab_absl_allocate(size_t size) {
  const Unnoticed unnoticed;
  void* const block = malloc(size);
  if (block == nullptr) abort();
  return block;
}

extern "C" void racelab_absl_free(void* block) {
  const Unnoticed unnoticed;
  free(block);
}

// As libtsan has it for a pthread_mutex_t: uses do not race with each other,
// the end of its life does with each that is not ordered before.
extern "C" void racelab_absl_used(void* object) {
  __tsan_atomic8_load(static_cast<unsigned char*>(object), __ATOMIC_RELAXED);
}

extern "C" void racelab_absl_ended(void* object) { __tsan_write1(object); }
