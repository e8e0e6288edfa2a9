#include "runtimes/model/trace/held_locks.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

namespace racelab::model {

void HeldLocks::Apply(const Event& event) {
  const size_t index = events_++;
  std::vector<Held>& held = held_[event.thread];
  switch (event.kind) {
    case EventKind::kLock:
    case EventKind::kLockShared:
      held.push_back({event.object, index});
      break;
    case EventKind::kUnlock:
    case EventKind::kUnlockShared: {
      const auto it =
          std::find_if(held.rbegin(), held.rend(),
                       [&](const Held& h) { return h.object == event.object; });
      if (it != held.rend()) held.erase(std::next(it).base());
      break;
    }
    default:
      break;
  }
}

std::vector<std::string> HeldLocks::Of(ThreadId thread, Names* names) const {
  std::vector<std::string> result;
  const auto it = held_.find(thread);
  if (it == held_.end()) return result;
  for (const Held& held : it->second) {
    result.push_back(names->Variable(held.object, 1).name);
  }
  return result;
}

std::vector<ThreadId> HeldLocks::Holders(uintptr_t object) const {
  std::vector<ThreadId> result;
  for (const auto& [thread, held] : held_) {
    if (std::any_of(held.begin(), held.end(),
                    [&](const Held& h) { return h.object == object; })) {
      result.push_back(thread);
    }
  }
  return result;
}

size_t HeldLocks::LockedAt(ThreadId thread, uintptr_t object) const {
  const auto it = held_.find(thread);
  if (it == held_.end()) return ~size_t{0};
  for (const Held& held : it->second) {
    if (held.object == object) return held.event;
  }
  return ~size_t{0};
}

}  // namespace racelab::model
