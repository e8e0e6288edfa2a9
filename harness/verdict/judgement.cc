#include "verdict/judgement.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace racelab::verdict {
namespace {

// Is the part's only trouble that it did not reach some labels?
bool OnlyUnreached(const Judgement& part) {
  return !part.unreached.empty() &&
         (part.result.outcome == Outcome::kInconclusive ||
          (part.result.finding.has_value() &&
           part.result.finding->kind == FailureKind::kUnreachable));
}

Evidence Sum(const std::vector<Judgement>& parts) {
  Evidence sum = parts.front().result.evidence;
  for (size_t i = 1; i < parts.size(); ++i) {
    const Evidence& part = parts[i].result.evidence;
    sum.executions += part.executions;
    sum.seconds = std::max(sum.seconds, part.seconds);
    for (const std::string& limit : part.limits) {
      if (std::find(sum.limits.begin(), sum.limits.end(), limit) ==
          sum.limits.end()) {
        sum.limits.push_back(limit);
      }
    }
    if (part.strength != Evidence::Strength::kExhausted &&
        sum.strength == Evidence::Strength::kExhausted) {
      sum.strength = part.strength;
      sum.strategy = part.strategy;
      sum.detail = part.detail;
    }
  }
  if (sum.strength != Evidence::Strength::kExhausted) sum.limits.clear();
  return sum;
}

// The worst first: a failure, then our trouble, then doubt.
int Rank(const Judgement& part) {
  if (OnlyUnreached(part)) return 4;
  switch (part.result.outcome) {
    case Outcome::kFail:
      return 0;
    case Outcome::kHarnessError:
      return 1;
    case Outcome::kInconclusive:
      return 2;
    case Outcome::kPass:
      return 3;
  }
  return 1;
}

}  // namespace

void NoteUnreached(const std::vector<Label>& labels, bool proven,
                   Judgement* judgement) {
  const std::string names = absl::StrJoin(
      labels, ", ",
      [](std::string* out, const Label& label) { out->append(label.name); });
  judgement->unreached = labels;
  TestResult& result = judgement->result;
  result.finding.reset();
  if (!proven) {
    result.outcome = Outcome::kInconclusive;
    result.reason = absl::StrCat("No execution that was tried reached ", names,
                                 "; that none does is not shown.");
    result.mend =
        result.evidence.strength == Evidence::Strength::kExhausted
            ? "Have threads wait on a lock, a semaphore or a condition "
              "variable instead of looking again and again."
            : "Raise the budget in lab.toml, or make the scenario smaller.";
    return;
  }
  result.outcome = Outcome::kFail;
  result.reason.clear();
  result.mend.clear();
  Finding& finding = result.finding.emplace();
  finding.kind = FailureKind::kUnreachable;
  finding.object = names;
  finding.where = labels.front().where;
  finding.message =
      absl::StrCat("No execution reaches ", names,
                   ": the threads exclude each other more than they need to.");
}

Judgement MergeShards(const std::vector<Judgement>& parts) {
  // The first of the worst.
  Judgement merged = *std::min_element(
      parts.begin(), parts.end(),
      [](const Judgement& a, const Judgement& b) { return Rank(a) < Rank(b); });
  const bool troubled =
      !OnlyUnreached(merged) && merged.result.outcome != Outcome::kPass;
  merged.result.evidence = Sum(parts);
  if (troubled) return merged;

  // Labels that nobody reached: a part that passed has reached them all.
  std::vector<Label> labels = parts.front().unreached;
  for (const Judgement& part : parts) {
    std::erase_if(labels, [&](const Label& label) {
      return std::ranges::find(part.unreached, label) == part.unreached.end();
    });
  }
  if (!labels.empty()) {
    // Each part has judged for itself whether its search was enough to tell.
    const bool proven =
        std::all_of(parts.begin(), parts.end(), [](const Judgement& part) {
          return part.result.outcome == Outcome::kFail;
        });
    NoteUnreached(labels, proven, &merged);
    return merged;
  }
  merged.unreached.clear();
  merged.result.outcome = Outcome::kPass;
  merged.result.finding.reset();
  merged.result.reason.clear();
  merged.result.mend.clear();
  return merged;
}

Judgement MergeWays(const Judgement& first, const Judgement& second) {
  const bool second_is_worse = Rank(second) < Rank(first);
  Judgement merged = second_is_worse ? second : first;
  const Evidence& other = (second_is_worse ? first : second).result.evidence;
  merged.result.evidence.executions += other.executions;
  merged.result.evidence.seconds += other.seconds;
  return merged;
}

}  // namespace racelab::verdict
