// The path of a depth-first search through the tree of decisions: replays the
// path up to its last node, extends it, and backtracks.
//
// Stateless search (Godefroid, "Model checking for programming languages using
// VeriSoft", POPL 1997): a node is come back to by running the program again
// from the start. Nodes are kept in one array that grows to the longest
// execution and is then reused.
//
// Several processes share a tree: its subtrees below the first kShardDepth
// nodes are numbered in depth-first order, and a process explores those whose
// number is its own modulo the number of processes. Each finds the numbers by
// itself, at the cost of one short run per foreign subtree.
//
// No thread safety.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_DECISION_TREE_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_DECISION_TREE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtimes/model/search/recording.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {

class DecisionTree {
 public:
  static constexpr size_t kShardDepth = 8;

  struct Node {
    // What may be chosen here: thread ids, or the first 64 alternatives (later
    // ones always may).
    uint64_t allowed = 0;
    uint32_t enabled = 0;      // threads, to recognize the node
    uint32_t done = 0;         // threads whose subtrees are explored
    uint32_t asleep = 0;       // see full.h
    uint32_t conditional = 0;  // see full.h
    DecisionKind kind = DecisionKind::kThread;
    uint8_t alternatives = 0;
    uint8_t chosen = 0;
  };

  explicit DecisionTree(Shard shard = {}) : shard_(shard) {
    nodes_.resize(1024);
  }

  void Begin() {
    depth_ = 0;
    foreign_ = false;
  }

  // True while the execution repeats the known path; Next() is its next node.
  bool replaying() const { return depth_ < size_; }
  Node& Next() { return nodes_[depth_++]; }

  // A new node at the end of the path, its fields as after construction;
  // nullptr if it begins a subtree of another shard: the execution is to be
  // abandoned. Only thread nodes begin subtrees.
  Node* Push(DecisionKind kind);

  // After an execution: cuts the path back to its last node with something left
  // to choose and chooses that. False when there is none.
  bool Backtrack();

  // Whether the execution that just ended is this shard's. To be called once,
  // before Backtrack().
  bool FinishExecution();

 private:
  static bool Advance(Node& node);

  std::vector<Node> nodes_;
  size_t size_ = 0;   // length of the path
  size_t depth_ = 0;  // how far this execution has come
  const Shard shard_;
  static constexpr size_t kNoSubtree = ~size_t{0};
  size_t subtree_start_ = kNoSubtree;  // index of the current subtree's root
  uint64_t subtrees_ = 0;
  bool foreign_ = false;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_DECISION_TREE_H_
