#include "runtimes/model/search/hints.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtimes/model/search/lock_hints.h"
#include "runtimes/model/search/repair.h"

namespace racelab::model {
namespace {

// More accesses than a person would strengthen one by one.
constexpr size_t kMaxAccesses = 12;

// An atomic access in the program, at one place.
struct Access {
  uintptr_t pc = 0;
  uintptr_t object = 0;  // the first that it was seen to access
  Order order = Order::kRelaxed;
  bool reads = false;
  bool writes = false;

  // What release/acquire synchronization would take.
  Order Wanted() const {
    return reads && writes ? Order::kAcqRel
           : reads         ? Order::kAcquire
                           : Order::kRelease;
  }
};

const char* NameOf(Order order) {
  switch (order) {
    case Order::kRelaxed:
      return "relaxed";
    case Order::kAcquire:
      return "acquire";
    case Order::kRelease:
      return "release";
    case Order::kAcqRel:
      return "acq_rel";
    case Order::kSeqCst:
      break;
  }
  return "seq_cst";
}

// Those of objects that several threads access, weaker than seq_cst.
std::vector<Access> WeakAccesses(const EventLog& log) {
  std::map<uintptr_t, uint32_t> threads;
  std::map<uintptr_t, Access> by_pc;
  for (const Event& event : log.events) {
    const bool load = event.kind == EventKind::kAtomicLoad ||
                      event.kind == EventKind::kAtomicCasFailed;
    const bool store = event.kind == EventKind::kAtomicStore;
    const bool rmw = event.kind == EventKind::kAtomicRmw;
    if ((!load && !store && !rmw) || event.stack.empty()) continue;
    threads[event.object] |= uint32_t{1} << event.thread;
    Access& access = by_pc[event.stack.front()];
    if (access.pc == 0) {
      access.pc = event.stack.front();
      access.object = event.object;
      access.order = event.order;
    }
    access.reads |= load || rmw;
    access.writes |= store || rmw;
  }
  std::vector<Access> accesses;
  for (const auto& [pc, access] : by_pc) {
    const uint32_t by = threads[access.object];
    if ((by & (by - 1)) != 0 && access.order != Order::kSeqCst) {
      accesses.push_back(access);
    }
  }
  return accesses;
}

class HintFinder {
 public:
  HintFinder(const WorldFactory& make_world, const SearchOptions& options,
             const DriverHooks& hooks, const HintOptions& limits)
      : hooks_(hooks), repair_(make_world, options, hooks, limits) {}

  std::vector<std::string> Find(const EventLog& log) {
    const std::vector<Access> accesses = WeakAccesses(log);
    if (accesses.empty() || accesses.size() > kMaxAccesses) return {};
    // If not even this excludes every failure, no order does.
    std::vector<Strengthening> all;
    for (const Access& access : accesses) {
      all.push_back({access.pc, Order::kSeqCst});
    }
    if (!Excludes(all)) return {};
    for (const Access& access : accesses) {
      const std::vector<Strengthening> one = {{access.pc, access.Wanted()}};
      if (Improves(access) && Excludes(one)) return {Sentence(accesses, one)};
    }
    for (const Access& writer : accesses) {
      for (const Access& reader : accesses) {
        if (!writer.writes || !reader.reads || writer.pc == reader.pc ||
            writer.object != reader.object || !Improves(writer) ||
            !Improves(reader)) {
          continue;
        }
        const std::vector<Strengthening> pair = {{writer.pc, writer.Wanted()},
                                                 {reader.pc, reader.Wanted()}};
        if (Excludes(pair)) return {Sentence(accesses, pair)};
      }
    }
    std::vector<Strengthening> wanted;
    for (const Access& access : accesses) {
      if (Improves(access)) wanted.push_back({access.pc, access.Wanted()});
    }
    const bool enough = !wanted.empty() && Excludes(wanted);
    return {Sentence(accesses, Fewest(enough ? wanted : all))};
  }

 private:
  static bool Improves(const Access& access) {
    return Stronger(access.order, access.Wanted()) != access.order;
  }

  // Without those that can be left out, one after the other.
  std::vector<Strengthening> Fewest(std::vector<Strengthening> all) {
    for (size_t i = 0; i < all.size();) {
      std::vector<Strengthening> fewer = all;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      if (!fewer.empty() && Excludes(fewer)) {
        all = std::move(fewer);
      } else {
        ++i;
      }
    }
    return all;
  }

  // No failure at all with these orders?
  bool Excludes(const std::vector<Strengthening>& strengthened) {
    WorldOptions changed;
    changed.strengthened = strengthened;
    return repair_.Excludes(changed).has_value();
  }

  std::string Sentence(const std::vector<Access>& accesses,
                       const std::vector<Strengthening>& repair) const {
    std::vector<std::string> parts;
    for (const Strengthening& change : repair) {
      const auto access =
          std::find_if(accesses.begin(), accesses.end(),
                       [&](const Access& a) { return a.pc == change.pc; });
      const verdict::SourceLocation place =
          hooks_.locate ? hooks_.locate(change.pc) : verdict::SourceLocation{};
      std::string part = absl::StrCat(
          NameOf(Stronger(access->order, change.order)), " instead of ",
          NameOf(access->order), " at ",
          place.file.empty() ? "an unknown line"
                             : absl::StrCat(place.file, ":", place.line));
      // One line may hold several accesses.
      if (std::find(parts.begin(), parts.end(), part) == parts.end()) {
        parts.push_back(std::move(part));
      }
    }
    // "a", "a and b", "a, b and c".
    const std::string last = std::move(parts.back());
    parts.pop_back();
    std::string sentence =
        absl::StrCat(absl::StrJoin(parts, ", "), parts.empty() ? "" : " and ",
                     last, " would have excluded this failure.");
    sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
    return sentence;
  }

  const DriverHooks& hooks_;
  Repair repair_;
};

}  // namespace

std::vector<std::string> FindHints(const WorldFactory& make_world,
                                   const SearchOptions& options,
                                   const EventLog& log,
                                   const DriverHooks& hooks,
                                   const HintOptions& limits) {
  std::vector<std::string> hints =
      HintFinder(make_world, options, hooks, limits).Find(log);
  for (std::string& hint :
       FindLockHints(make_world, options, log, hooks, limits)) {
    hints.push_back(std::move(hint));
  }
  return hints;
}

}  // namespace racelab::model
