// Several processes share a search: each is given {i, n} as its Shard, and the
// results are put together here.
//
// Full and bounded search split the tree (decision_tree.h), sampling strategies
// the numbers of their executions, and all of them the budget of executions:
// the parts are disjoint and add up to what one process would have done. Each
// process has the whole of the seconds.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_SHARD_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_SHARD_H_

#include <vector>

#include "runtimes/model/search/driver.h"

namespace racelab::model {

// The result of all parts; by shard index, all of the same test, at least one.
//   - one failure fails the test; of several, the one of the lowest shard
//     counts, whatever the order in which the processes ended;
//   - a label is unreachable only if no part reached it;
//   - exhausted only if every part was.
DriverResult MergeShards(const std::vector<DriverResult>& parts);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_SHARD_H_
