#include "report/witness.h"

#include <string_view>
#include <vector>

namespace racelab::report {
namespace {

using verdict::Finding;
using verdict::SourceLocation;

bool IsStudents(const SourceLocation& where) {
  return where.file.starts_with("student/") && where.line > 0;
}

const SourceLocation* FirstOf(const std::vector<SourceLocation>& stack) {
  for (const SourceLocation& frame : stack) {
    if (IsStudents(frame)) return &frame;
  }
  return nullptr;
}

}  // namespace

const verdict::TestResult* BestWitness(const TestReport& test) {
  const verdict::TestResult* best = nullptr;
  int best_score = -1;
  for (const verdict::TestResult& result : test.results) {
    if (result.outcome != verdict::Outcome::kFail || !result.finding) continue;
    const Finding& finding = *result.finding;
    int score = 0;
    if (finding.trace && !finding.trace->steps.empty()) {
      score = 2;
    } else if (!finding.accesses.empty() || !finding.blocked.empty()) {
      score = 1;
    }
    if (score > best_score) {
      best = &result;
      best_score = score;
    }
  }
  return best;
}

SourceLocation StudentPlace(const Finding& finding) {
  if (IsStudents(finding.where)) return finding.where;
  for (const verdict::Access& access : finding.accesses) {
    if (const SourceLocation* frame = FirstOf(access.stack)) return *frame;
  }
  for (const verdict::BlockedThread& blocked : finding.blocked) {
    if (const SourceLocation* frame = FirstOf(blocked.stack)) return *frame;
  }
  return finding.where;
}

}  // namespace racelab::report
