#include "runtimes/model/search/decision_tree.h"

#include <cstddef>
#include <cstdint>

namespace racelab::model {

DecisionTree::Node* DecisionTree::Push(DecisionKind kind) {
  if (kind == DecisionKind::kThread && shard_.count > 1 &&
      subtree_start_ == kNoSubtree && size_ >= kShardDepth) {
    if (subtrees_++ % static_cast<uint64_t>(shard_.count) !=
        static_cast<uint64_t>(shard_.index)) {
      foreign_ = true;
      return nullptr;
    }
    subtree_start_ = size_;
  }
  if (size_ == nodes_.size()) nodes_.resize(2 * nodes_.size());
  Node& node = nodes_[size_++];
  node = Node{};
  node.kind = kind;
  depth_ = size_;
  return &node;
}

bool DecisionTree::FinishExecution() {
  if (foreign_) return false;
  if (shard_.count <= 1 || subtree_start_ != kNoSubtree) return true;
  // An execution that ended above the subtrees is one by itself.
  return subtrees_++ % static_cast<uint64_t>(shard_.count) ==
         static_cast<uint64_t>(shard_.index);
}

bool DecisionTree::Advance(Node& node) {
  if (node.kind == DecisionKind::kThread) {
    node.done |= uint32_t{1} << node.chosen;
    const uint64_t left = node.allowed & ~uint64_t{node.done};
    if (left == 0) return false;
    node.chosen = static_cast<uint8_t>(__builtin_ctzll(left));
    return true;
  }
  for (unsigned next = node.chosen + 1u; next < node.alternatives; ++next) {
    if (next >= 64 || (node.allowed >> next & 1) != 0) {
      node.chosen = static_cast<uint8_t>(next);
      return true;
    }
  }
  return false;
}

bool DecisionTree::Backtrack() {
  while (size_ > 0 && !Advance(nodes_[size_ - 1])) --size_;
  if (subtree_start_ != kNoSubtree && size_ <= subtree_start_) {
    subtree_start_ = kNoSubtree;
  }
  return size_ > 0;
}

}  // namespace racelab::model
