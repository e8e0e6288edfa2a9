#include "manifest/manifest.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "manifest/catalog.h"
#include "manifest/names.h"
#include "manifest/text.h"
#include "manifest/toml_reader.h"
namespace racelab::manifest {
namespace {

using Need = TableReader::Need;
using verdict::Engine;
using verdict::Evidence;

constexpr int kSchema = 1;

void ReadModel(Document& document, const toml::table& table,
               ModelOptions& model) {
  TableReader reader(document, table, "model");
  std::string expect = "exhausted";
  reader.String("expect", Need::kOptional, expect);
  if (expect == "sampled") {
    model.expect = Evidence::Strength::kSampled;
  } else if (expect != "exhausted") {
    document.Complain(reader.Where("expect"),
                      Cat("\"expect\" must be \"exhausted\" or "
                          "\"sampled\", not \"",
                          expect, "\""));
  }
  reader.String("sampled_because", Need::kOptional, model.sampled_because);
  if (model.expect == Evidence::Strength::kSampled &&
      model.sampled_because.empty()) {
    document.Complain(reader.Where("expect"),
                      "expect = \"sampled\" needs sampled_because = \"…\": why "
                      "not exhausted, and what is covered instead");
  }
  reader.String("strategy", Need::kOptional, model.strategy);
  static const std::vector<std::string>* const kStrategies =
      new std::vector<std::string>{"portfolio", "full", "bounded",
                                   "random",    "pct",  "pos"};
  if (std::find(kStrategies->begin(), kStrategies->end(), model.strategy) ==
      kStrategies->end()) {
    document.Complain(reader.Where("strategy"),
                      UnknownName("strategy", model.strategy, *kStrategies));
  }
  reader.Int("bound", Need::kOptional, 0, 100, model.bound);
  reader.Count("executions", model.executions);
  reader.Seconds("seconds", model.seconds);
  reader.Int("max_steps", Need::kOptional, 1, 10'000'000, model.max_steps);
  reader.Finish();
}

void ReadTsan(Document& document, const toml::table& table, TsanOptions& tsan) {
  TableReader reader(document, table, "tsan");
  reader.Int("runs", Need::kOptional, 1, 1000, tsan.runs);
  reader.Seconds("seconds", tsan.seconds);
  reader.Finish();
}

void ReadStress(Document& document, const toml::table& table,
                StressOptions& stress) {
  TableReader reader(document, table, "stress");
  reader.Count("rounds", stress.rounds);
  reader.Seconds("seconds", stress.seconds);
  reader.Seconds("hang_seconds", stress.hang_seconds);
  reader.Finish();
}

void ReadProcess(Document& document, const toml::table& table,
                 ProcessOptions& process) {
  TableReader reader(document, table, "process");
  reader.Int("runs", Need::kOptional, 1, 1000, process.runs);
  reader.Seconds("seconds", process.seconds);
  reader.Finish();
}

Test ReadTest(Document& document, const toml::table& table) {
  TableReader reader(document, table, "[[tests]]");
  Test test;
  test.line = static_cast<int>(table.source().begin.line);
  reader.String("name", Need::kRequired, test.name);
  if (!test.name.empty() && !IsTestName(test.name)) {
    document.Complain(reader.Where("name"),
                      Cat("\"", test.name,
                          "\" is no test name: write Suite.Name as "
                          "in scenario.cc"));
  }
  reader.Int("points", Need::kRequired, 0, 1000, test.points);
  std::vector<std::string> engines;
  reader.Strings("engines", Need::kRequired, engines);
  for (const std::string& name : engines) {
    const std::optional<Engine> engine = RunnerFromName(name);
    if (engine.has_value()) {
      test.engines.push_back(*engine);
    } else {
      document.Complain(reader.Where("engines"),
                        UnknownName("engine", name, RunnerNames()));
    }
  }
  if (const auto* model = reader.Table("model")) {
    ReadModel(document, *model, test.model);
  }
  if (const auto* tsan = reader.Table("tsan")) {
    ReadTsan(document, *tsan, test.tsan);
  }
  if (const auto* stress = reader.Table("stress")) {
    ReadStress(document, *stress, test.stress);
  }
  if (const auto* process = reader.Table("process")) {
    ReadProcess(document, *process, test.process);
  }
  reader.Finish();
  return test;
}

ExpectedFailure ReadFailure(Document& document, const toml::table& table,
                            const Lab& lab) {
  TableReader reader(document, table, "[[starter.fails]]");
  ExpectedFailure failure;
  failure.line = static_cast<int>(table.source().begin.line);
  std::string engine_name;
  reader.String("test", Need::kRequired, failure.test);
  reader.String("engine", Need::kRequired, engine_name);
  std::vector<std::string> kinds;
  reader.OneOrMore("kind", Need::kRequired, kinds);
  ReadKinds(document, reader.Where("kind"), kinds, failure.kinds);
  std::optional<Engine> engine;
  if (!engine_name.empty()) {
    engine = EngineOf(document, reader.Where("engine"), engine_name);
    failure.engine = engine.value_or(Engine::kModel);
  }
  if (!failure.test.empty()) {
    const Test* test = lab.FindTest(failure.test);
    if (test == nullptr) {
      document.Complain(reader.Where("test"),
                        UnknownName("test", failure.test, TestNames(lab)));
    } else if (engine.has_value() && *engine != Engine::kStatic &&
               std::find(test->engines.begin(), test->engines.end(), *engine) ==
                   test->engines.end()) {
      document.Complain(reader.Where("engine"),
                        Cat(failure.test, " is not judged by \"", engine_name,
                            "\": its engines do not name it"));
    }
  }
  reader.Finish();
  return failure;
}

// runner.process is for labs with processes; to the model they are closed: the
// names and files that processes share outlive its executions.
bool Judges(Engine engine, LabKind kind) {
  if (engine == Engine::kProcess) return kind == LabKind::kProcesses;
  if (engine == Engine::kModel) return kind == LabKind::kThreads;
  return true;
}

void CheckKind(Document& document, const Lab& lab) {
  for (const Test& test : lab.tests) {
    for (Engine engine : test.engines) {
      if (!Judges(engine, lab.kind)) {
        document.Complain(
            toml::source_region{{static_cast<uint32_t>(test.line), 1},
                                {static_cast<uint32_t>(test.line), 1},
                                nullptr},
            Cat("engine \"", verdict::Name(engine),
                "\" does not judge a lab of kind \"",
                lab.kind == LabKind::kProcesses ? "processes" : "threads",
                "\""));
      }
    }
  }
}

}  // namespace

int Lab::max_points() const {
  int sum = 0;
  for (const Test& test : tests) sum += test.points;
  return sum;
}

const Test* Lab::FindTest(std::string_view test) const {
  for (const Test& candidate : tests) {
    if (candidate.name == test) return &candidate;
  }
  return nullptr;
}

std::vector<Engine> Lab::Engines() const {
  std::set<Engine> engines;
  for (const Test& test : tests) {
    engines.insert(test.engines.begin(), test.engines.end());
  }
  return {engines.begin(), engines.end()};
}

absl::StatusOr<Lab> LoadLab(const std::filesystem::path& root,
                            const std::filesystem::path& directory) {
  Lab lab;
  lab.directory = directory;
  lab.name = directory.filename().string();
  lab.module = directory.parent_path().filename().string();
  lab.manifest_shown =
      (directory / "lab.toml").lexically_relative(root).string();
  absl::StatusOr<Document> read =
      Document::Read(directory / "lab.toml", lab.manifest_shown.string());
  if (!read.ok()) return read.status();
  Document& document = *read;
  TableReader reader(document, document.root(), "lab.toml");

  int schema = kSchema;
  reader.Int("schema", Need::kRequired, 0, 1'000'000, schema);
  if (schema != kSchema) {
    document.Complain(
        reader.Where("schema"),
        Cat("schema ", schema, " is not known; this is ", kSchema));
  }
  reader.String("title", Need::kRequired, lab.title);
  reader.Int("order", Need::kRequired, 0, 1'000'000, lab.order);
  reader.String("teaches", Need::kRequired, lab.teaches);
  reader.Strings("editable", Need::kRequired, lab.editable);
  for (const std::string& name : lab.editable) {
    if (!IsSafeRelative(name)) {
      document.Complain(reader.Where("editable"),
                        Cat("\"", name,
                            "\" must be a file below student/, "
                            "without \"..\""));
      continue;
    }
    std::error_code error;
    if (!std::filesystem::is_regular_file(directory / "student" / name,
                                          error)) {
      document.Complain(reader.Where("editable"),
                        Cat("student/", name,
                            " does not exist; if it was deleted, "
                            "`./racelab reset ",
                            directory.filename().string(), "` brings it back"));
    }
  }
  reader.Strings("may_use", Need::kOptional, lab.may_use);
  std::string kind = "threads";
  reader.String("kind", Need::kOptional, kind);
  if (kind == "processes") {
    lab.kind = LabKind::kProcesses;
  } else if (kind != "threads") {
    document.Complain(reader.Where("kind"),
                      UnknownName("kind", kind, {"threads", "processes"}));
  }
  for (const toml::table* table : reader.Tables("tests", Need::kRequired)) {
    Test test = ReadTest(document, *table);
    if (lab.FindTest(test.name) != nullptr) {
      document.Complain(table->source(),
                        Cat("test ", test.name, " stands here twice"));
    }
    lab.tests.push_back(std::move(test));
  }
  CheckKind(document, lab);
  if (const toml::table* starter = reader.Table("starter")) {
    TableReader inner(document, *starter, "[starter]");
    for (const toml::table* table : inner.Tables("fails", Need::kRequired)) {
      lab.starter_fails.push_back(ReadFailure(document, *table, lab));
    }
    inner.Finish();
  }
  reader.Finish();
  if (absl::Status status = document.status(); !status.ok()) return status;
  return lab;
}

absl::StatusOr<std::vector<std::string>> LoadHints(const Lab& lab) {
  std::vector<std::string> hints;
  const std::filesystem::path file = lab.directory / "hints.md";
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return hints;
  std::ifstream in(file, std::ios::binary);
  if (!in.is_open()) {
    return absl::NotFoundError(Cat(file.string(), ": cannot be read"));
  }
  const std::string text((std::istreambuf_iterator<char>(in)),
                         std::istreambuf_iterator<char>());
  bool fenced = false;  // inside ``` a "## " is no heading
  for (std::string_view line : Split(text, '\n')) {
    if (line.starts_with("```")) fenced = !fenced;
    if (!fenced && line.starts_with("## ")) hints.emplace_back();
    if (!hints.empty()) Append(hints.back(), line, "\n");
  }
  for (std::string& hint : hints) {
    while (!hint.empty() && hint.back() == '\n') hint.pop_back();
    hint.push_back('\n');
  }
  return hints;
}

}  // namespace racelab::manifest
