#include "cli/matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace racelab::cli {
namespace {

using ::testing::HasSubstr;
using verdict::Engine;
using verdict::Evidence;
using verdict::FailureKind;
using verdict::Outcome;

AnswerRun Ran(Engine engine, Outcome outcome) {
  AnswerRun run;
  run.results.resize(1);
  verdict::TestResult& result = run.results[0];
  result.test = "A.B";
  result.engine = engine;
  result.outcome = outcome;
  result.evidence.executions = 1234;
  result.evidence.seconds = 0.5;
  result.evidence.strength = engine == Engine::kModel
                                 ? Evidence::Strength::kExhausted
                                 : Evidence::Strength::kRounds;
  if (outcome == Outcome::kFail) {
    result.finding.emplace();
    result.finding->kind = FailureKind::kDeadlock;
  }
  return run;
}

MatrixRow Row(AnswerKind kind, std::vector<Engine> declared) {
  manifest::Lab lab;
  Answer answer;
  answer.kind = kind;
  answer.name = kind == AnswerKind::kSolution ? "solution" : "rejected/a_b";
  answer.rejected.engines = std::move(declared);
  return RowFor(lab, answer);
}

MatrixLab LabOf(std::vector<MatrixRow> rows) {
  MatrixLab lab;
  lab.module = "races";
  lab.name = "x";
  lab.title = "X < Y";
  lab.engines = {Engine::kStatic, Engine::kModel};
  lab.rows = std::move(rows);
  return lab;
}

MatrixLab TwoRows() {
  MatrixLab lab = LabOf({Row(AnswerKind::kSolution, {}),
                         Row(AnswerKind::kRejected, {Engine::kModel})});
  AddRun(Ran(Engine::kModel, Outcome::kPass), lab.rows[0]);
  lab.rows[0].proofs = {{build::Compiler::kClang19, 100},
                        {build::Compiler::kGcc12, 1}};
  AddRun(Ran(Engine::kModel, Outcome::kFail), lab.rows[1]);
  AddRun(Ran(Engine::kModel, Outcome::kFail), lab.rows[1]);
  return lab;
}

TEST(Matrix, SaysWhoCaughtWhatOnATerminal) {
  const std::string text = MatrixText({TwoRows()});
  EXPECT_THAT(text, HasSubstr("lab      wrong answers  static  model\n"
                              "races/x  1              0       1\n\n"));
  EXPECT_THAT(text,
              HasSubstr("races/x\n"
                        "answer        static      model                       "
                        "                      proved\n"
                        "solution      passes      exhausted: 1,234 "
                        "executions, 0.50 s               100 × clang-19, 1 × "
                        "gcc-12\n"
                        "rejected/a_b  not caught  *caught 2/2 (deadlock): "
                        "2,468 executions, 1.00 s  –\n\n"));
}

TEST(Matrix, SaysWhoCaughtWhatInMarkdown) {
  const std::string text = MatrixMarkdown({TwoRows()});
  EXPECT_THAT(text, HasSubstr("| races/x | 1 | 0 | 1 |\n"));
  EXPECT_THAT(text, HasSubstr("## races/x: X \\< Y\n"));
  EXPECT_THAT(text, HasSubstr("| `solution` | passes | exhausted: 1,234 "
                              "executions, 0.50 s | 100 × clang-19, 1 × gcc-12 "
                              "|\n"));
  EXPECT_THAT(text, HasSubstr("| `rejected/a_b` | not caught | **caught 2/2 "
                              "(deadlock)**: 2,468 executions, 1.00 s | – "
                              "|\n"));
}

TEST(Matrix, SaysWhoCaughtWhatInHtml) {
  const std::string text = MatrixHtml({TwoRows()});
  EXPECT_THAT(text, HasSubstr("races/x: X &lt; Y"));
  EXPECT_THAT(text, HasSubstr("<td class=\"passed\">exhausted<small>1,234 "
                              "executions, 0.50 s</small></td>"));
  EXPECT_THAT(text, HasSubstr("<td class=\"caught\"><u>caught 2/2 (deadlock)"
                              "</u><small>"));
  EXPECT_THAT(text, HasSubstr("<td>100 × clang-19, 1 × gcc-12</td></tr>"));
}

TEST(Matrix, ShowsWhatIsNotAsDeclared) {
  MatrixRow survivor = Row(AnswerKind::kRejected, {Engine::kModel});
  AddRun(Ran(Engine::kModel, Outcome::kPass), survivor);
  MatrixRow accused = Row(AnswerKind::kSolution, {});
  AddRun(Ran(Engine::kModel, Outcome::kFail), accused);
  MatrixRow sometimes = Row(AnswerKind::kRejected, {Engine::kModel});
  AddRun(Ran(Engine::kModel, Outcome::kFail), sometimes);
  AddRun(Ran(Engine::kModel, Outcome::kPass), sometimes);
  for (const auto& [row, verdict] :
       {std::pair(survivor, "<u>SURVIVES</u>"),
        std::pair(accused, "FAILS (deadlock)"),
        std::pair(sometimes, "<u>caught 1/2 (deadlock)</u>")}) {
    EXPECT_THAT(MatrixHtml({LabOf({row})}),
                HasSubstr(std::string("<td class=\"amiss\">") + verdict));
  }
}

TEST(Matrix, AnEngineThatNeedNotCatchAnAnswerIsNotAmiss) {
  MatrixRow row = Row(AnswerKind::kRejected, {Engine::kTsan});
  AddRun(Ran(Engine::kModel, Outcome::kPass), row);
  EXPECT_THAT(MatrixHtml({LabOf({row})}),
              HasSubstr("<td class=\"nothing\">not caught<small>"));
}

TEST(Matrix, AStarterMustBeCaughtByTheEnginesOfItsManifest) {
  manifest::Lab lab;
  lab.starter_fails.resize(3);
  lab.starter_fails[0].engine = Engine::kTsan;
  lab.starter_fails[1].engine = Engine::kModel;
  lab.starter_fails[2].engine = Engine::kTsan;
  EXPECT_THAT(RowFor(lab, Answer()).declared,
              testing::ElementsAre(Engine::kTsan, Engine::kModel));
}

TEST(Matrix, CountsWrongAnswersOfAllLabs) {
  MatrixLab other = LabOf({Row(AnswerKind::kRejected, {Engine::kProcess})});
  other.name = "y";
  other.engines = {Engine::kStatic, Engine::kProcess};
  AddRun(Ran(Engine::kProcess, Outcome::kFail), other.rows[0]);
  EXPECT_THAT(MatrixMarkdown({TwoRows(), other}),
              HasSubstr("| lab | wrong answers | static | model | process |\n"
                        "|---|---|---|---|---|\n"
                        "| races/x | 1 | 0 | 1 | – |\n"
                        "| races/y | 1 | 0 | – | 1 |\n"
                        "| together | 2 | 0 | 1 | 1 |\n"));
}

}  // namespace
}  // namespace racelab::cli
