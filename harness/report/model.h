// What a report says: the values of one grading run, already decided.
//
// scoring/ and cli/ fill these in; the writers (terminal.h, json.h, junit.h,
// github.h) only format them. Nothing here is computed by a writer: points,
// outcomes and totals are taken as they stand.
//
// Strings may hold whatever a student's program printed or was named; each
// writer escapes for its own format.
//
// Thread safety: values; const access from any thread.

#ifndef RACELAB_REPORT_MODEL_H_
#define RACELAB_REPORT_MODEL_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "verdict/verdict.h"

namespace racelab::report {

// A row of the matrix: one test, and what each engine said of it.
struct TestReport {
  std::string name;               // "Counter.NoIncrementIsLost"
  verdict::SourceLocation where;  // its CONCURRENT_TEST line, where known
  int points = 0;                 // earned
  int max_points = 0;
  // Over all engines: a failure beats a harness error beats inconclusive beats
  // a pass. Points are lost only by kFail; see `outcome` of the lab for 0/0.
  verdict::Outcome outcome = verdict::Outcome::kHarnessError;
  // In the manifest's order. An engine that the manifest does not name for this
  // test has no result.
  std::vector<verdict::TestResult> results;
  // The sentence for the student if the failure matches a known wrong answer.
  std::string misconception;
  // A whole command that shows the first failure again:
  // "./racelab replay rl1.…"; empty where nothing replays.
  std::string replay_command;
  double seconds = 0;  // wall time, all engines
};

struct LabReport {
  std::string name;    // "lost_update"
  std::string module;  // "races"
  std::string title;   // "Lost update"
  // Where the lab's files are for the reader, relative to where the command was
  // given or to the repository: "labs/races/lost_update". Prepended to
  // "student/counter.cc" in annotations.
  std::string dir;
  int points = 0;
  int max_points = 0;
  verdict::Outcome outcome = verdict::Outcome::kHarnessError;
  // What building and reading the compiled module found (kBuildError,
  // kForbiddenConstruct). With a build error there are tests without results.
  std::vector<verdict::Finding> findings;
  // iff the lab as a whole is kInconclusive or kHarnessError without results:
  // what happened and what to do about it.
  std::string reason;
  std::string mend;
  std::vector<TestReport> tests;  // in the manifest's order
  // The command to try next: "./racelab hint lost_update"; may be empty.
  std::string next_step;
  // Lines of the lab's source files by name ("student/counter.cc"), for
  // findings that carry locations without text. May be empty.
  std::map<std::string, std::vector<std::string>> sources;
  double seconds = 0;
};

// The engines that judged any of the lab's tests, each once, in their order:
// the columns of its matrix.
std::vector<verdict::Engine> EnginesOf(const LabReport& lab);

struct RunReport {
  std::string command;     // as given: "racelab check lost_update"
  std::string submission;  // the folder that was graded, as given; or empty
  std::string started_at;  // RFC 3339, UTC; empty leaves it out
  // What judged, name and version: {"racelab", "0.1"}, {"compiler", "clang …"}.
  std::vector<std::pair<std::string, std::string>> versions;
  std::vector<LabReport> labs;
  int points = 0;  // totals over the labs
  int max_points = 0;
  verdict::Outcome outcome = verdict::Outcome::kHarnessError;
  double seconds = 0;
};

}  // namespace racelab::report

#endif  // RACELAB_REPORT_MODEL_H_
