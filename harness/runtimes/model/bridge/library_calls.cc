#include "runtimes/model/bridge/library_calls.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "runtimes/model/execution.h"
#include "runtimes/model/platform/module_state.h"

namespace racelab::model {
namespace {

constexpr int kCallers = 3;

LibraryCall Describe(const std::vector<uintptr_t>& stack) {
  LibraryCall call;
  // The runner itself calls on behalf of Abseil, whose rules are others.
  if (library_functions == nullptr || !module_state.Contains(stack.front())) {
    return call;
  }
  for (const std::string& name : library_functions(stack)) {
    if (name.starts_with("std::")) call.librarys = true;
    if (name.ends_with("::unlock_shared")) call.unlocks_shared = true;
    if (name == "std::shared_mutex::unlock" ||
        name == "std::shared_timed_mutex::unlock") {
      call.unlocks = true;
    }
    if (name == "std::latch::count_down") call.counts_down = true;
    if (name.starts_with("std::__tree_barrier<")) {
      call.arrives = true;
      if (name.ends_with("::arrive_and_drop")) call.drops = true;
    }
    if (name == "std::__detail::__thread_yield" ||
        name.starts_with("std::__detail::__atomic_spin<")) {
      call.looks_first = true;
    }
    if (name.starts_with("std::") && name.ends_with("::notify_one")) {
      call.notifies_one = true;
    }
    constexpr std::string_view kSemaphore = "counting_semaphore<";
    const size_t at = name.find(kSemaphore);
    if (at != std::string::npos) {
      call.most = std::atoll(name.c_str() + at + kSemaphore.size());
    }
  }
  return call;
}

}  // namespace

const LibraryCall& LibraryCallOf(uintptr_t pc) {
  static struct Known {
    uintptr_t pc = 0;
    LibraryCall call;
  } known[1024];
  Known& entry = known[pc % std::size(known)];
  if (entry.pc != pc) {
    Bridge bridge;
    entry = {pc, Describe({pc})};
  }
  return entry.call;
}

const LibraryCall& LibraryCallAt(uintptr_t pc) {
  static struct Known {
    uint64_t site = 0;
    LibraryCall call;
  } known[64];
  const uint64_t site = SiteOf(pc);
  Known& entry = known[site % std::size(known)];
  if (entry.site == site) return entry.call;
  Bridge bridge;
  std::vector<uintptr_t> stack = {pc};
  const ThreadState& self = execution.self();
  uint32_t depth = std::min(self.depth, ThreadState::kMaxFrames);
  for (int i = 0; i < kCallers && depth > 0; ++i) {
    stack.push_back(self.frames[--depth]);
  }
  entry = {site, Describe(stack)};
  return entry.call;
}

}  // namespace racelab::model
