// A result with what only the harness needs of it, and how several of them
// become one.
//
// Several processes may share a search of the model: each is given {i, n} as
// its shard. Full and bounded search split the tree
// (runtimes/model/search/decision_tree.h), sampling strategies the numbers of
// their executions, and all of them the budget of executions: the parts are
// disjoint and add up to what one process would have done. Each process has the
// whole of the seconds.
//
// Thread safety: values; const access from any thread.

#ifndef RACELAB_VERDICT_JUDGEMENT_H_
#define RACELAB_VERDICT_JUDGEMENT_H_

#include <string>
#include <vector>

#include "verdict/verdict.h"

namespace racelab::verdict {

// A label that EXPECT_REACHABLE asks for.
struct Label {
  std::string name;
  SourceLocation where;  // of the EXPECT_REACHABLE
  bool operator==(const Label&) const = default;
};

struct Judgement {
  TestResult result;
  std::string replay;  // the model's decisions; empty if nothing replays
  // What this process's part of a search should have reached and has not.
  std::vector<Label> unreached;
};

// What it means that a search reached none of `labels` (at least one) and found
// nothing else: it fails if that is `proven`, i.e. if the search was exhausted
// and cut no thread short that looked again and again; else nobody knows.
void NoteUnreached(const std::vector<Label>& labels, bool proven,
                   Judgement* judgement);

// The judgement of all parts of a search; by shard index, all of the same test,
// at least one.
//   - one failure fails the test; of several, the one of the lowest shard
//     counts, whatever the order in which the processes ended;
//   - a label is unreachable only if no part reached it, and each has proven
//     that for itself;
//   - exhausted only if every part was.
Judgement MergeShards(const std::vector<Judgement>& parts);

// Of an engine that ran the test in two ways, one after the other (stress:
// native and instrumented): the worse of the two, with the work of both.
Judgement MergeWays(const Judgement& first, const Judgement& second);

}  // namespace racelab::verdict

#endif  // RACELAB_VERDICT_JUDGEMENT_H_
