// What REACHED() and EXPECT_REACHABLE() said, over all executions of a test.

#ifndef RACELAB_RUNTIMES_MODEL_LABELS_H_
#define RACELAB_RUNTIMES_MODEL_LABELS_H_

#include <string>
#include <vector>

namespace racelab::model {

// Labels are literals, nearly always the same one: compared as pointers first.
class LabelSet {
 public:
  void Add(const char* label) {
    for (const char* known : pointers_) {
      if (known == label) return;
    }
    pointers_.push_back(label);
    for (const std::string& known : names_) {
      if (known == label) return;
    }
    names_.emplace_back(label);
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

struct Labels {
  LabelSet reached;
  LabelSet expected;
};

extern Labels labels;

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_LABELS_H_
