#include "runtimes/model/search/repair.h"

#include <memory>

#include "runtimes/model/search/budget.h"
#include "runtimes/model/search/full.h"

namespace racelab::model {

std::optional<uint64_t> Repair::Excludes(WorldOptions changed) {
  const double left = limits_.seconds - (hooks_.clock->CpuSeconds() - start_);
  if (left <= 0) return std::nullopt;
  changed.max_steps = options_.max_steps;
  changed.relacy_memory = options_.relacy_memory;
  const std::unique_ptr<World> world = make_world_(changed);
  if (world == nullptr) return std::nullopt;
  FullSearch search(&world->memory_model());
  Budget budget(limits_.executions, left, hooks_.clock);
  uint64_t executions = 0;
  do {
    const ExecutionResult result = world->Run(search, nullptr);
    if (result.end == ExecutionEnd::kFailed ||
        result.end == ExecutionEnd::kTruncated || !result.unsupported.empty()) {
      return std::nullopt;
    }
    executions += result.end == ExecutionEnd::kComplete;
  } while (search.more() && budget.Spend());
  if (!search.Exhausted()) return std::nullopt;
  return executions;
}

}  // namespace racelab::model
