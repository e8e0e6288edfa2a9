#include "report/testing.h"

#include <utility>

namespace racelab::report {
namespace {

using verdict::Engine;
using verdict::Evidence;
using verdict::FailureKind;
using verdict::Finding;
using verdict::Outcome;
using verdict::SourceLocation;
using verdict::TestResult;

SourceLocation At(int line, const char* function = "increment") {
  return {"student/counter.cc", line, 3, function};
}

SourceLocation Scenario(int line) {
  return {"scenario.cc", line, 3, "Counter.NoIncrementIsLost"};
}

verdict::Step Step(int thread, SourceLocation where, const char* source,
                   const char* operation, const char* object = "",
                   const char* value = "", const char* note = "") {
  verdict::Step step;
  step.thread = thread;
  step.where = std::move(where);
  step.source = source;
  step.operation = operation;
  step.object = object;
  step.value = value;
  step.note = note;
  step.stack = {step.where};
  return step;
}

TestResult Pass(const char* test, Engine engine, Evidence::Strength strength,
                uint64_t executions) {
  TestResult result;
  result.test = test;
  result.engine = engine;
  result.outcome = Outcome::kPass;
  result.evidence.strength = strength;
  result.evidence.executions = executions;
  return result;
}

TestResult Fail(const char* test, Engine engine, Finding finding) {
  TestResult result;
  result.test = test;
  result.engine = engine;
  result.outcome = Outcome::kFail;
  result.finding = std::move(finding);
  return result;
}

Finding Race(bool with_trace) {
  Finding finding;
  finding.kind = FailureKind::kDataRace;
  finding.message =
      "Data race on counter: T1 writes it at counter.cc:7, T2 reads it at "
      "counter.cc:6, and nothing orders the two.";
  finding.where = At(6);
  finding.object = "counter";
  finding.object_origin = "global";
  finding.accesses = {{"T1", true, false, 4, {At(7), Scenario(9)}, {}},
                      {"T2", false, false, 4, {At(6), Scenario(10)}, {}}};
  if (!with_trace) return finding;
  finding.token = "rl1.lost_update.Counter.NoIncrementIsLost.x.y";
  finding.trace = verdict::Trace{
      .threads = {{"main", {}}, {"T1", Scenario(9)}, {"T2", Scenario(10)}},
      .steps = {Step(0, Scenario(9), "std::jthread a([] { increment(); });",
                     "starts", "T1"),
                Step(0, Scenario(10), "std::jthread b([] { increment(); });",
                     "starts", "T2"),
                Step(1, At(6), "const int seen = counter;", "reads", "counter",
                     "0"),
                Step(1, At(7), "counter = seen + 1;", "writes", "counter",
                     "0 → 1", "races with the access marked below"),
                Step(2, At(6), "const int seen = counter;", "reads", "counter",
                     "1",
                     "data race: no happens-before edge from T1 at "
                     "counter.cc:7 to here")},
      .inevitable_from = 1,
      .context_switches = 2};
  return finding;
}

}  // namespace

RunReport ExampleRun() {
  constexpr char kZero[] = "Counter.StartsAtZero";
  constexpr char kLost[] = "Counter.NoIncrementIsLost";
  LabReport lost;
  lost.name = "lost_update";
  lost.module = "races";
  lost.title = "Lost update";
  lost.dir = "labs/races/lost_update";
  lost.points = 2;
  lost.max_points = 10;
  lost.outcome = Outcome::kFail;
  lost.next_step = "./racelab hint lost_update";
  lost.seconds = 1.25;
  lost.sources["student/counter.cc"] = {
      "#include \"counter.h\"", "",
      "int counter;",           "",
      "void increment() {",     "  const int seen = counter;",
      "  counter = seen + 1;",  "}"};
  TestReport zero;
  zero.name = kZero;
  zero.where = {"scenario.cc", 4, 1, ""};
  zero.points = zero.max_points = 2;
  zero.outcome = Outcome::kPass;
  zero.results = {
      Pass(kZero, Engine::kTsan, Evidence::Strength::kChecked, 1),
      Pass(kZero, Engine::kStress, Evidence::Strength::kRounds, 3120),
      Pass(kZero, Engine::kModel, Evidence::Strength::kExhausted, 1)};
  TestReport increments;
  increments.name = kLost;
  increments.where = {"scenario.cc", 8, 1, ""};
  increments.max_points = 8;
  increments.outcome = Outcome::kFail;
  increments.seconds = 1;
  Finding wrong;
  wrong.kind = FailureKind::kWrongResult;
  wrong.message = "value() should be 200000, but is 199998";
  wrong.where = Scenario(13);
  increments.results = {Fail(kLost, Engine::kTsan, Race(false)),
                        Fail(kLost, Engine::kStress, wrong),
                        Fail(kLost, Engine::kModel, Race(true))};
  increments.replay_command =
      "./racelab replay rl1.lost_update.Counter.NoIncrementIsLost.x.y";
  lost.tests = {zero, increments};

  constexpr char kTransfer[] = "Bank.OpposedTransfersEnd";
  LabReport bank;
  bank.name = "bank_transfer";
  bank.module = "locks";
  bank.title = "Bank transfer";
  bank.dir = "labs/locks/bank_transfer";
  bank.points = bank.max_points = 5;
  bank.outcome = Outcome::kPass;
  TestReport transfer;
  transfer.name = kTransfer;
  transfer.points = transfer.max_points = 5;
  transfer.outcome = Outcome::kPass;
  TestResult sampled =
      Pass(kTransfer, Engine::kModel, Evidence::Strength::kSampled, 200000);
  sampled.evidence.strategy = "random";
  sampled.evidence.seed = 1;
  transfer.results = {sampled};
  bank.tests = {transfer};

  RunReport run;
  run.command = "racelab grade --all --submission s --out o";
  run.submission = "s";
  run.started_at = "2026-01-02T03:04:05Z";
  run.versions = {{"racelab", "0.1"}, {"compiler", "clang 19"}};
  run.labs = {lost, bank};
  run.points = 7;
  run.max_points = 15;
  run.outcome = Outcome::kFail;
  run.seconds = 2.5;
  return run;
}

RunReport HostileRun() {
  const std::string evil =
      "\x1b[31m\x1b]0;title\x07<b>&\"'`|</b>\n::error::forged\r\n# head\x01\x9b"
      "\xff\xc0\xaf\xed\xa0\x80\xe2\x80\xae](x) %0A \xf0\x9f\x98\x80 "
      "\xef\xbf\xbf]]>";
  RunReport run = ExampleRun();
  for (auto* text : {&run.command, &run.submission}) *text = evil;
  run.versions = {{evil, evil}};
  for (LabReport& lab : run.labs) {
    for (auto* text : {&lab.name, &lab.module, &lab.title, &lab.dir,
                       &lab.next_step, &lab.reason, &lab.mend}) {
      *text = evil;
    }
    lab.sources["student/counter.cc"] = {evil, evil, evil, evil,
                                         evil, evil, evil};
    Finding forbidden;
    forbidden.kind = FailureKind::kForbiddenConstruct;
    forbidden.message = evil;
    forbidden.where = {evil, 3, 1, evil};
    lab.findings = {forbidden};
    for (TestReport& test : lab.tests) {
      test.name = evil;
      test.where.file = evil;
      test.misconception = evil;
      test.replay_command = evil;
      TestResult unsure;
      unsure.test = evil;
      unsure.engine = Engine::kProcess;
      unsure.outcome = Outcome::kInconclusive;
      unsure.reason = unsure.mend = evil;
      test.results.push_back(unsure);
      for (TestResult& result : test.results) {
        result.test = evil;
        result.evidence.strategy = result.evidence.detail = evil;
        if (!result.finding) continue;
        Finding& finding = *result.finding;
        for (auto* text :
             {&finding.message, &finding.object, &finding.object_origin,
              &finding.token, &finding.output}) {
          *text = evil;
        }
        finding.where = {evil, 1, 1, evil};
        finding.hints = {evil};
        finding.blocked = {{evil, evil, evil, {finding.where}}};
        for (verdict::Access& access : finding.accesses) {
          access.thread = evil;
          access.held = {evil};
        }
        if (!finding.trace) continue;
        for (verdict::TraceThread& thread : finding.trace->threads) {
          thread.name = evil;
        }
        for (verdict::Step& step : finding.trace->steps) {
          step.where.file = evil;
          for (auto* text : {&step.source, &step.operation, &step.object,
                             &step.value, &step.note}) {
            *text = evil;
          }
        }
      }
    }
  }
  return run;
}

}  // namespace racelab::report
