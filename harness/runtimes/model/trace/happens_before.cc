#include "runtimes/model/trace/happens_before.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace racelab::model {
namespace {

bool Acquires(Order order) {
  return order == Order::kAcquire || order == Order::kAcqRel ||
         order == Order::kSeqCst;
}

bool Releases(Order order) {
  return order == Order::kRelease || order == Order::kAcqRel ||
         order == Order::kSeqCst;
}

int ThreadOf(const Event& event) {
  return std::clamp(event.thread, 0, kMaxThreads - 1);
}

}  // namespace

bool IsAtomic(EventKind kind) {
  return kind == EventKind::kAtomicLoad || kind == EventKind::kAtomicStore ||
         kind == EventKind::kAtomicRmw || kind == EventKind::kAtomicCasFailed;
}

bool IsAccess(EventKind kind) {
  return kind == EventKind::kPlainRead || kind == EventKind::kPlainWrite ||
         IsAtomic(kind);
}

bool IsWrite(EventKind kind) {
  return kind == EventKind::kPlainWrite || kind == EventKind::kAtomicStore ||
         kind == EventKind::kAtomicRmw || kind == EventKind::kFree;
}

void HappensBefore::Join(Clock* to, const Clock& from) {
  for (size_t i = 0; i < from.size(); ++i) {
    (*to)[i] = std::max((*to)[i], from[i]);
  }
}

HappensBefore::HappensBefore(const EventLog& log, Edges edges) {
  struct PerThread {
    Clock now{};
    Clock acquire_fence{};  // what an acquire fence would add
    Clock release_fence{};  // what was published by the last release fence
  };
  std::array<PerThread, kMaxThreads> threads{};
  std::unordered_map<uintptr_t, Clock> locks;         // exclusive unlocks
  std::unordered_map<uintptr_t, Clock> shared_locks;  // shared unlocks
  std::unordered_map<uintptr_t, Clock> posts;
  // By object, writer and step: what reading that store acquires.
  std::map<std::tuple<uintptr_t, ThreadId, uint64_t>, Clock> stores;
  const bool all = edges == Edges::kAll;

  threads_.reserve(log.events.size());
  clocks_.reserve(log.events.size());
  for (const Event& event : log.events) {
    const int t = ThreadOf(event);
    PerThread& self = threads[t];
    const auto acquire = [&](const Clock& from) { Join(&self.now, from); };
    const auto read_from = [&] {
      const auto it = stores.find(
          {event.object, event.read.writer, event.read.writer_step});
      return it == stores.end() ? Clock{} : it->second;
    };
    ++self.now[t];
    switch (event.kind) {
      case EventKind::kThreadJoin:
        if (event.object < kMaxThreads) acquire(threads[event.object].now);
        break;
      case EventKind::kLock:
        if (all) acquire(shared_locks[event.object]);
        [[fallthrough]];
      case EventKind::kLockShared:
        if (all) acquire(locks[event.object]);
        break;
      case EventKind::kSemWait:
        if (all) acquire(posts[event.object]);
        break;
      case EventKind::kAtomicLoad:
      case EventKind::kAtomicCasFailed:
      case EventKind::kAtomicRmw: {
        if (!all) break;
        const Clock from = read_from();
        if (Acquires(event.order)) {
          acquire(from);
        } else {
          Join(&self.acquire_fence, from);
        }
        break;
      }
      case EventKind::kFence:
        if (all && Acquires(event.order)) acquire(self.acquire_fence);
        break;
      default:
        break;
    }
    threads_.push_back(static_cast<uint8_t>(t));
    clocks_.push_back(self.now);
    switch (event.kind) {
      case EventKind::kThreadStart:
        if (event.object < kMaxThreads) {
          Join(&threads[event.object].now, self.now);
        }
        break;
      case EventKind::kUnlock:
        Join(&locks[event.object], self.now);
        break;
      case EventKind::kUnlockShared:
        Join(&shared_locks[event.object], self.now);
        break;
      case EventKind::kSemPost:
        Join(&posts[event.object], self.now);
        break;
      case EventKind::kAtomicStore:
      case EventKind::kAtomicRmw: {
        if (!all) break;
        Clock published = Releases(event.order) ? self.now : self.release_fence;
        if (event.kind == EventKind::kAtomicRmw) Join(&published, read_from());
        stores[{event.object, event.thread, event.step}] = published;
        break;
      }
      case EventKind::kFence:
        if (Releases(event.order)) self.release_fence = self.now;
        break;
      default:
        break;
    }
  }
}

std::vector<bool> ContendedAccesses(const EventLog& log) {
  const HappensBefore order(log, HappensBefore::Edges::kThreads);
  constexpr size_t kNone = ~size_t{0};
  struct Byte {
    std::vector<std::pair<uint8_t, size_t>> reads;  // thread, its last event
    std::vector<std::pair<uint8_t, size_t>> writes;
    bool contended = false;
  };
  std::unordered_map<uintptr_t, Byte> bytes;
  const auto conflicts = [&](const auto& list, size_t event) {
    for (const auto& [thread, earlier] : list) {
      if (thread != log.events[event].thread && earlier != kNone &&
          !order.Ordered(earlier, event)) {
        return true;
      }
    }
    return false;
  };
  const auto note = [](auto* list, uint8_t thread, size_t event) {
    for (auto& entry : *list) {
      if (entry.first == thread) {
        entry.second = event;
        return;
      }
    }
    list->emplace_back(thread, event);
  };
  constexpr uint32_t kMaxSize = 256;  // of a memcpy, only its beginning
  for (size_t i = 0; i < log.events.size(); ++i) {
    const Event& event = log.events[i];
    if (!IsAccess(event.kind)) continue;
    const bool is_write = IsWrite(event.kind);
    for (uint32_t k = 0; k < std::min(event.size, kMaxSize); ++k) {
      Byte& byte = bytes[event.object + k];
      if (!byte.contended) {
        byte.contended =
            conflicts(byte.writes, i) || (is_write && conflicts(byte.reads, i));
      }
      note(is_write ? &byte.writes : &byte.reads,
           static_cast<uint8_t>(event.thread), i);
    }
  }
  std::vector<bool> result(log.events.size(), false);
  for (size_t i = 0; i < log.events.size(); ++i) {
    const Event& event = log.events[i];
    if (!IsAccess(event.kind)) continue;
    for (uint32_t k = 0; k < std::min(event.size, kMaxSize); ++k) {
      const auto it = bytes.find(event.object + k);
      if (it != bytes.end() && it->second.contended) result[i] = true;
    }
  }
  return result;
}

}  // namespace racelab::model
