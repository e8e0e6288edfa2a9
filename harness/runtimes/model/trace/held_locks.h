// Which locks each thread holds, along the events of an execution.

#ifndef RACELAB_RUNTIMES_MODEL_TRACE_HELD_LOCKS_H_
#define RACELAB_RUNTIMES_MODEL_TRACE_HELD_LOCKS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtimes/model/event.h"
#include "runtimes/model/trace/names.h"

namespace racelab::model {

// After the events so far.
class HeldLocks {
 public:
  void Apply(const Event& event);
  std::vector<std::string> Of(ThreadId thread, Names* names) const;
  // The threads that hold the object now.
  std::vector<ThreadId> Holders(uintptr_t object) const;
  // The event at which `thread` locked what it holds; ~0 if it does not.
  size_t LockedAt(ThreadId thread, uintptr_t object) const;

 private:
  struct Held {
    uintptr_t object;
    size_t event;
  };
  std::map<ThreadId, std::vector<Held>> held_;
  size_t events_ = 0;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_TRACE_HELD_LOCKS_H_
