// What REACHED() and EXPECT_REACHABLE() said, over all executions of a test.
//
// Labels are literals, nearly always the same one: compared as pointers first.

#ifndef RACELAB_RUNTIMES_MODEL_LABELS_H_
#define RACELAB_RUNTIMES_MODEL_LABELS_H_

#include <algorithm>
#include <string>
#include <vector>

#include "verdict/judgement.h"

namespace racelab::model {

class ReachedLabels {
 public:
  void Add(const char* label) {
    if (std::ranges::find(pointers_, label) != pointers_.end()) return;
    pointers_.push_back(label);
    if (std::ranges::find(names_, label) == names_.end()) {
      names_.emplace_back(label);
    }
  }
  void Clear() {
    pointers_.clear();
    names_.clear();
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<const char*> pointers_;
  std::vector<std::string> names_;
};

class ExpectedLabels {
 public:
  void Add(const char* label, const char* file, int line) {
    if (std::ranges::find(pointers_, label) != pointers_.end()) return;
    pointers_.push_back(label);
    if (std::ranges::find(labels_, label, &verdict::Label::name) ==
        labels_.end()) {
      labels_.push_back(
          {.name = label,
           .where = {.file = file, .line = line, .column = 0, .function = {}}});
    }
  }
  void Clear() {
    pointers_.clear();
    labels_.clear();
  }
  const std::vector<verdict::Label>& labels() const { return labels_; }

 private:
  std::vector<const char*> pointers_;
  std::vector<verdict::Label> labels_;
};

struct Labels {
  ReachedLabels reached;
  ExpectedLabels expected;
};

extern Labels labels;

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_LABELS_H_
