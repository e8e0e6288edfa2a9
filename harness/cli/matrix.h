// Who caught what: answers × engines, for `verify --matrix`.
//
// First a table of the labs: how many of a lab's wrong answers, its starter
// among them, each engine caught. Then a table for each lab, a row for each
// answer. A cell is marked where lab.toml or expect.toml names the engine. The
// last column tells how often each answer has been proved, with each compiler.

#ifndef RACELAB_CLI_MATRIX_H_
#define RACELAB_CLI_MATRIX_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "build/modules.h"
#include "cli/proof.h"
#include "manifest/manifest.h"
#include "verdict/verdict.h"

namespace racelab::cli {

// What one engine did with one answer, over all tests and repetitions.
struct MatrixCell {
  int runs = 0;
  int caught = 0;                  // runs in which a test failed
  int undecided = 0;               // runs that neither failed nor passed
  std::vector<std::string> kinds;  // of the failures, no duplicates
  std::string strength;            // the weakest of the passes: "exhausted"
  uint64_t executions = 0;         // of all runs together
  double seconds = 0;
  bool operator==(const MatrixCell&) const = default;
};

struct MatrixRow {
  std::string answer;
  AnswerKind kind = AnswerKind::kStarter;
  std::vector<verdict::Engine> declared;        // those that must catch it
  std::map<verdict::Engine, MatrixCell> cells;  // an engine that ran
  // Runs, each with another seed, that are remembered as proofs of the answer.
  std::map<build::Compiler, int> proofs;
  std::string sources;  // what the proofs hold for (proof_record.h)
};

struct MatrixLab {
  std::string module;
  std::string name;
  std::string title;
  std::vector<verdict::Engine> engines;  // the columns
  std::vector<MatrixRow> rows;
};

// The row of an answer that has not run yet.
MatrixRow RowFor(const manifest::Lab& lab, const Answer& answer);

// Adds one run of an answer to its row.
void AddRun(const AnswerRun& run, MatrixRow& row);

std::string MatrixText(const std::vector<MatrixLab>& labs);
std::string MatrixMarkdown(const std::vector<MatrixLab>& labs);
std::string MatrixHtml(const std::vector<MatrixLab>& labs);

}  // namespace racelab::cli

#endif  // RACELAB_CLI_MATRIX_H_
