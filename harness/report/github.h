// GitHub Actions: annotations at the student's lines, and a Markdown summary.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions

#ifndef RACELAB_REPORT_GITHUB_H_
#define RACELAB_REPORT_GITHUB_H_

#include <cstddef>
#include <string>

#include "report/model.h"

namespace racelab::report {

// "::error file=…,line=…,title=…::…" lines for standard output, the most
// telling first: GitHub shows ten a step. A student's text cannot start a
// command of its own.
std::string GithubAnnotations(const RunReport& run);

// Markdown for $GITHUB_STEP_SUMMARY, at most `limit` bytes (GitHub takes 1
// MiB).
std::string GithubSummary(const RunReport& run, size_t limit = 1 << 20);

}  // namespace racelab::report

#endif  // RACELAB_REPORT_GITHUB_H_
