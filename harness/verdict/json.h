// The verdict values as JSON and back: the wire form between a runner and its
// engine, and part of results.json. Keys are the field names; enums are their
// Name(). Empty optional fields are left out.
//
// Parsing never trusts its input: a runner's process holds hostile code. A
// missing or mistyped field is an InvalidArgument status that names it
// ("finding.trace.steps[3].where: is missing"); so is text or a list beyond
// verdict/limits.h, a step of a thread that the trace does not name, a failure
// without a finding and a finding without a failure. Unknown fields are
// ignored.

#ifndef RACELAB_VERDICT_JSON_H_
#define RACELAB_VERDICT_JSON_H_

#include <nlohmann/json_fwd.hpp>

#include "absl/status/statusor.h"
#include "verdict/judgement.h"
#include "verdict/verdict.h"

namespace racelab::verdict {

nlohmann::json ToJson(const SourceLocation& location);
nlohmann::json ToJson(const Evidence& evidence);
nlohmann::json ToJson(const Trace& trace);
nlohmann::json ToJson(const Finding& finding);
nlohmann::json ToJson(const TestResult& result);
// {"result":…,"replay":"…","unreached":[{"name":…,"where":…}]}
nlohmann::json ToJson(const Judgement& judgement);

absl::StatusOr<TestResult> TestResultFromJson(const nlohmann::json& json);
absl::StatusOr<Judgement> JudgementFromJson(const nlohmann::json& json);

}  // namespace racelab::verdict

#endif  // RACELAB_VERDICT_JSON_H_
