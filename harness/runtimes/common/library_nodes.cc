// The parts of std::map, std::set and std::list that are code of libstdc++.so,
// which nobody instrumented: without what is here, no engine would see that one
// thread inserts while another searches without the lock.
//
// The program's calls come here, since a runner's symbols stand before the
// library's. What is to be done the library does; what it reads on its way is
// told before, what it changed is told after, by comparing the nodes that it
// may have touched. Words that it merely may have read are left out: nobody is
// accused of what he has not done.
//
// Take it whole into a runner that answers __tsan_*.
//
// Thread safety: that of the containers.

#include <cstddef>
#include <list>
#include <map>
#include <type_traits>

#include "runtimes/common/interposing.h"

namespace racelab::runtimes {
namespace {

using Tree = std::_Rb_tree_node_base;
using List = std::__detail::_List_node_base;

static_assert(sizeof(Tree) == 32 && sizeof(List) == 16);

// Follows links, and tells that it read them.
class Reader : public Teller {
 public:
  using Teller::Teller;

  template <typename Node>
  Node* Follow(Node* const& link) const {
    if (on()) Read(&link);
    return link;
  }
  std::_Rb_tree_color Color(const Tree* node) const {
    if (on()) ReadHalf(&node->_M_color);
    return node->_M_color;
  }
};

// Nodes as they were before a call. Enough for the paths of trees with more
// elements than a test has; of what is beyond, nothing is told.
template <typename Node>
class Before {
 public:
  void Keep(Node* node) {
    if (node == nullptr || count_ == kMost) return;
    for (size_t i = 0; i < count_; ++i) {
      if (kept_[i].node == node) return;
    }
    kept_[count_++] = {node, *node};
  }
  void TellChanges(const Reader& reader) const {
    for (size_t i = 0; i < count_; ++i) Compare(kept_[i], reader);
  }

 private:
  static constexpr size_t kMost = 160;
  struct Kept {
    Node* node;
    Node copy;
  };
  static void Compare(const Kept& kept, const Reader& reader) {
    if constexpr (std::is_same_v<Node, Tree>) {
      Tree& now = *kept.node;
      if (now._M_color != kept.copy._M_color) reader.WroteHalf(&now._M_color);
      if (now._M_parent != kept.copy._M_parent) reader.Wrote(&now._M_parent);
      if (now._M_left != kept.copy._M_left) reader.Wrote(&now._M_left);
      if (now._M_right != kept.copy._M_right) reader.Wrote(&now._M_right);
    } else {
      List& now = *kept.node;
      if (now._M_next != kept.copy._M_next) reader.Wrote(&now._M_next);
      if (now._M_prev != kept.copy._M_prev) reader.Wrote(&now._M_prev);
    }
  }

  size_t count_ = 0;
  Kept kept_[kMost];
};

void KeepBelow(Before<Tree>& before, Tree* node, int levels) {
  if (node == nullptr) return;
  before.Keep(node);
  if (levels == 0) return;
  KeepBelow(before, node->_M_left, levels - 1);
  KeepBelow(before, node->_M_right, levels - 1);
}

// Rebalancing goes from `lowest` towards the root, and turns what hangs there.
void KeepPath(Before<Tree>& before, Tree* lowest, Tree& header, int levels) {
  before.Keep(&header);
  for (Tree* node = lowest; node != &header; node = node->_M_parent) {
    KeepBelow(before, node, levels);
  }
}

// The next node in order, or the header after the last one.
Tree* After(Tree* node, const Reader& reader) {
  Tree* next = reader.Follow(node->_M_right);
  if (next != nullptr) {
    while (Tree* left = reader.Follow(next->_M_left)) next = left;
    return next;
  }
  Tree* parent = reader.Follow(node->_M_parent);
  while (node == reader.Follow(parent->_M_right)) {
    node = parent;
    parent = reader.Follow(parent->_M_parent);
  }
  // From the root of a tree without a right half, the way led to the header and
  // down again: its parent is the root.
  return reader.Follow(node->_M_right) == parent ? node : parent;
}

// The node before, or of the header the last one.
Tree* Preceding(Tree* node, const Reader& reader) {
  if (reader.Color(node) == std::_S_red &&
      reader.Follow(reader.Follow(node->_M_parent)->_M_parent) == node) {
    return reader.Follow(node->_M_right);
  }
  if (Tree* previous = reader.Follow(node->_M_left)) {
    while (Tree* right = reader.Follow(previous->_M_right)) previous = right;
    return previous;
  }
  Tree* parent = reader.Follow(node->_M_parent);
  while (node == reader.Follow(parent->_M_left)) {
    node = parent;
    parent = reader.Follow(parent->_M_parent);
  }
  return parent;
}

Library<void(bool, Tree*, Tree*, Tree&)> insert_and_rebalance(
    "_ZSt29_Rb_tree_insert_and_rebalancebPSt18_Rb_tree_node_baseS0_RS_");
Library<Tree*(Tree*, Tree&)> rebalance_for_erase(
    "_ZSt28_Rb_tree_rebalance_for_erasePSt18_Rb_tree_node_baseRS_");
Library<void(List*, List*)> hook(
    "_ZNSt8__detail15_List_node_base7_M_hookEPS0_");
Library<void(List*)> unhook("_ZNSt8__detail15_List_node_base9_M_unhookEv");
Library<void(List*, List*, List*)> transfer(
    "_ZNSt8__detail15_List_node_base11_M_transferEPS0_S1_");
Library<void(List*)> reverse("_ZNSt8__detail15_List_node_base10_M_reverseEv");
Library<void(List&, List&)> exchange(
    "_ZNSt8__detail15_List_node_base4swapERS0_S1_");

}  // namespace

// The library's names; a member's first argument is `this`.
Tree* Increment(Tree*)
    RACELAB_NAMED("_ZSt18_Rb_tree_incrementPSt18_Rb_tree_node_base");
Tree* IncrementConst(Tree*)
    RACELAB_NAMED("_ZSt18_Rb_tree_incrementPKSt18_Rb_tree_node_base");
Tree* Decrement(Tree*)
    RACELAB_NAMED("_ZSt18_Rb_tree_decrementPSt18_Rb_tree_node_base");
Tree* DecrementConst(Tree*)
    RACELAB_NAMED("_ZSt18_Rb_tree_decrementPKSt18_Rb_tree_node_base");
void Insert(bool, Tree*, Tree*, Tree&) RACELAB_NAMED(
    "_ZSt29_Rb_tree_insert_and_rebalancebPSt18_Rb_tree_node_baseS0_RS_");
Tree* Erase(Tree*, Tree&) RACELAB_NAMED(
    "_ZSt28_Rb_tree_rebalance_for_erasePSt18_Rb_tree_node_baseRS_");
void Hook(List*, List*)
    RACELAB_NAMED("_ZNSt8__detail15_List_node_base7_M_hookEPS0_");
void Unhook(List*) RACELAB_NAMED("_ZNSt8__detail15_List_node_base9_M_unhookEv");
void Transfer(List*, List*, List*)
    RACELAB_NAMED("_ZNSt8__detail15_List_node_base11_M_transferEPS0_S1_");
void Reverse(List*)
    RACELAB_NAMED("_ZNSt8__detail15_List_node_base10_M_reverseEv");
void Exchange(List&, List&)
    RACELAB_NAMED("_ZNSt8__detail15_List_node_base4swapERS0_S1_");

Tree* Increment(Tree* node) { return After(node, Reader(RACELAB_PC)); }
Tree* IncrementConst(Tree* node) { return After(node, Reader(RACELAB_PC)); }
Tree* Decrement(Tree* node) { return Preceding(node, Reader(RACELAB_PC)); }
Tree* DecrementConst(Tree* node) { return Preceding(node, Reader(RACELAB_PC)); }

void Insert(bool left, Tree* node, Tree* parent, Tree& header) {
  const Reader reader(RACELAB_PC);
  if (!reader.on()) {
    insert_and_rebalance.get()(left, node, parent, header);
    return;
  }
  Before<Tree> before;
  before.Keep(node);
  KeepPath(before, parent, header, 2);
  insert_and_rebalance.get()(left, node, parent, header);
  before.TellChanges(reader);
}

Tree* Erase(Tree* node, Tree& header) {
  const Reader reader(RACELAB_PC);
  if (!reader.on()) return rebalance_for_erase.get()(node, header);
  Before<Tree> before;
  // The node's place is taken by the next one, if it has two halves.
  Tree* lowest = node;
  if (reader.Follow(node->_M_left) != nullptr &&
      reader.Follow(node->_M_right) != nullptr) {
    lowest = After(node, reader);
  }
  KeepPath(before, lowest, header, 3);
  Tree* const taken_out = rebalance_for_erase.get()(node, header);
  before.TellChanges(reader);
  return taken_out;
}

void Hook(List* node, List* position) {
  const Reader reader(RACELAB_PC);
  if (!reader.on()) return hook.get()(node, position);
  Before<List> before;
  before.Keep(node);
  before.Keep(position);
  before.Keep(reader.Follow(position->_M_prev));
  hook.get()(node, position);
  before.TellChanges(reader);
}

void Unhook(List* node) {
  const Reader reader(RACELAB_PC);
  if (!reader.on()) return unhook.get()(node);
  Before<List> before;
  before.Keep(reader.Follow(node->_M_next));
  before.Keep(reader.Follow(node->_M_prev));
  unhook.get()(node);
  before.TellChanges(reader);
}

void Transfer(List* position, List* first, List* last) {
  const Reader reader(RACELAB_PC);
  if (!reader.on() || position == last) {
    return transfer.get()(position, first, last);
  }
  Before<List> before;
  for (List* node : {position, first, last}) {
    before.Keep(node);
    before.Keep(reader.Follow(node->_M_prev));
  }
  transfer.get()(position, first, last);
  before.TellChanges(reader);
}

void Reverse(List* list) {
  const Reader reader(RACELAB_PC);
  if (!reader.on()) return reverse.get()(list);
  Before<List> before;
  List* node = list;
  do {
    before.Keep(node);
    node = reader.Follow(node->_M_next);
  } while (node != list);
  reverse.get()(list);
  before.TellChanges(reader);
}

void Exchange(List& one, List& other) {
  const Reader reader(RACELAB_PC);
  if (!reader.on()) return exchange.get()(one, other);
  Before<List> before;
  for (List* list : {&one, &other}) {
    before.Keep(list);
    before.Keep(reader.Follow(list->_M_next));
    before.Keep(reader.Follow(list->_M_prev));
  }
  exchange.get()(one, other);
  before.TellChanges(reader);
}

}  // namespace racelab::runtimes
