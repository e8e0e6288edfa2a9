#include "report/json.h"

#include <nlohmann/json.hpp>
#include <string>

#include "report/text.h"
#include "verdict/json.h"

namespace racelab::report {
namespace {

using nlohmann::json;

template <typename T>
void Put(json& object, const char* key, const T& value) {
  if (value != T{}) object[key] = value;
}

json Findings(const std::vector<verdict::Finding>& findings) {
  json list = json::array();
  for (const verdict::Finding& finding : findings) {
    list.push_back(verdict::ToJson(finding));
  }
  return list;
}

json Test(const TestReport& test) {
  json result = {{"name", test.name},
                 {"points", test.points},
                 {"max_points", test.max_points},
                 {"outcome", Name(test.outcome)},
                 {"seconds", test.seconds}};
  if (test.where != verdict::SourceLocation{}) {
    result["where"] = verdict::ToJson(test.where);
  }
  Put(result, "misconception", test.misconception);
  Put(result, "replay_command", test.replay_command);
  json& results = result["results"] = json::array();
  for (const verdict::TestResult& engine : test.results) {
    results.push_back(verdict::ToJson(engine));
  }
  return result;
}

json Lab(const LabReport& lab) {
  json result = {{"name", lab.name},
                 {"module", lab.module},
                 {"title", lab.title},
                 {"dir", lab.dir},
                 {"points", lab.points},
                 {"max_points", lab.max_points},
                 {"outcome", Name(lab.outcome)},
                 {"seconds", lab.seconds},
                 {"findings", Findings(lab.findings)}};
  Put(result, "reason", lab.reason);
  Put(result, "mend", lab.mend);
  Put(result, "next_step", lab.next_step);
  json& tests = result["tests"] = json::array();
  for (const TestReport& test : lab.tests) tests.push_back(Test(test));
  return result;
}

}  // namespace

std::string Json(const RunReport& run) {
  json result = {
      {"schema", "racelab/results/v1"}, {"command", run.command},
      {"points", run.points},           {"max_points", run.max_points},
      {"outcome", Name(run.outcome)},   {"seconds", run.seconds}};
  Put(result, "submission", run.submission);
  Put(result, "started_at", run.started_at);
  json& versions = result["versions"] = json::object();
  // A name that is not UTF-8 would be replaced in dump() only; two such names
  // must not become one key there.
  for (const auto& [name, version] : run.versions) {
    versions[ValidUtf8(name)] = version;
  }
  json& labs = result["labs"] = json::array();
  for (const LabReport& lab : run.labs) labs.push_back(Lab(lab));
  return result.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace racelab::report
