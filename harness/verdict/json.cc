#include "verdict/json.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "verdict/limits.h"

namespace racelab::verdict {
namespace {

using nlohmann::json;

// Writing --------------------------------------------------------------------

template <typename T>
void Put(json& object, const char* key, const T& value) {
  if (value != T{}) object[key] = value;
}

json ToJson(const TraceThread& thread);
json ToJson(const Step& step);
json ToJson(const Access& access);
json ToJson(const BlockedThread& blocked);
json ToJson(const Label& label);
using verdict::ToJson;

template <typename T>
void PutList(json& object, const char* key, const std::vector<T>& values) {
  if (values.empty()) return;
  json& list = object[key] = json::array();
  for (const T& value : values) list.push_back(ToJson(value));
}

json ToJson(const TraceThread& thread) {
  json result = {{"name", thread.name}};
  if (thread.created_at != SourceLocation{}) {
    result["created_at"] = ToJson(thread.created_at);
  }
  return result;
}

json ToJson(const Step& step) {
  json result = {{"thread", step.thread}, {"where", ToJson(step.where)}};
  Put(result, "source", step.source);
  Put(result, "operation", step.operation);
  Put(result, "object", step.object);
  Put(result, "value", step.value);
  Put(result, "held", step.held);
  Put(result, "note", step.note);
  PutList(result, "stack", step.stack);
  return result;
}

json ToJson(const Access& access) {
  json result = {{"thread", access.thread},
                 {"is_write", access.is_write},
                 {"is_atomic", access.is_atomic},
                 {"size", access.size}};
  PutList(result, "stack", access.stack);
  Put(result, "held", access.held);
  return result;
}

json ToJson(const BlockedThread& blocked) {
  json result = {{"thread", blocked.thread}, {"waits_for", blocked.waits_for}};
  Put(result, "held_by", blocked.held_by);
  PutList(result, "stack", blocked.stack);
  return result;
}

json ToJson(const Label& label) {
  return {{"name", label.name}, {"where", ToJson(label.where)}};
}

// Reading --------------------------------------------------------------------

// Reads one document, remembering the first thing that is wrong with it. Once
// something is wrong the values read are meaningless.
class Reader {
 public:
  absl::Status status() const { return status_; }

  void Fail(const std::string& what) {
    if (status_.ok()) {
      status_ = absl::InvalidArgumentError(absl::StrCat(path_, ": ", what));
    }
  }

  // Calls read(value) for a field that is there; a required one must be.
  template <typename F>
  void Field(const json& object, const char* key, bool required, F read) {
    if (!status_.ok()) return;
    if (!object.is_object()) return Fail("is no object");
    const auto it = object.find(key);
    const size_t length = path_.size();
    absl::StrAppend(&path_, path_.empty() ? "" : ".", key);
    if (it != object.end()) {
      read(*it);
    } else if (required) {
      Fail("is missing");
    }
    path_.resize(length);
  }

  void Text(const json& object, const char* key, bool required,
            std::string* result) {
    Field(object, key, required,
          [&](const json& value) { *result = TextValue(value); });
  }

  std::string TextValue(const json& value) {
    const std::string* text = value.get_ptr<const std::string*>();
    if (text == nullptr) return Fail("is no string"), "";
    if (text->size() > kMaxText) return Fail("is too long"), "";
    total_ += text->size();
    if (total_ > kMaxTotalText) return Fail("holds too much text"), "";
    return *text;
  }

  void Number(const json& object, const char* key, bool required, int low,
              int* result) {
    Field(object, key, required, [&](const json& value) {
      if (!value.is_number_integer()) return Fail("is no integer");
      if (value.is_number_unsigned()
              ? value.get<uint64_t>() > kMaxInt
              : value.get<int64_t>() < low || value.get<int64_t>() > kMaxInt) {
        return Fail("is out of range");
      }
      *result = value.get<int>();
    });
  }

  void Count(const json& object, const char* key, uint64_t* result) {
    Field(object, key, false, [&](const json& value) {
      if (!value.is_number_unsigned()) return Fail("is no count");
      *result = value.get<uint64_t>();
    });
  }

  void Seconds(const json& object, const char* key, double* result) {
    Field(object, key, false, [&](const json& value) {
      if (!value.is_number()) return Fail("is no number");
      const double seconds = value.get<double>();
      if (!std::isfinite(seconds) || seconds < 0) {
        return Fail("is out of range");
      }
      *result = seconds;
    });
  }

  void Flag(const json& object, const char* key, bool* result) {
    Field(object, key, true, [&](const json& value) {
      if (!value.is_boolean()) return Fail("is no boolean");
      *result = value.get<bool>();
    });
  }

  template <typename T>
  void Enum(const json& object, const char* key,
            std::optional<T> (*from)(std::string_view), T* result) {
    Field(object, key, true, [&](const json& value) {
      const std::optional<T> known = from(TextValue(value));
      if (!known) return Fail("is no name known here");
      *result = *known;
    });
  }

  template <typename T, typename F>
  void List(const json& object, const char* key, std::vector<T>* result,
            F read) {
    Field(object, key, false, [&](const json& value) {
      if (!value.is_array()) return Fail("is no array");
      if (value.size() > kMaxItems) return Fail("has too many items");
      const size_t length = path_.size();
      for (size_t i = 0; i < value.size() && status_.ok(); ++i) {
        absl::StrAppend(&path_, "[", i, "]");
        result->push_back(read(value[i]));
        path_.resize(length);
      }
    });
  }

  void Texts(const json& object, const char* key,
             std::vector<std::string>* result) {
    List(object, key, result,
         [this](const json& value) { return TextValue(value); });
  }

  void Place(const json& object, const char* key, bool required,
             SourceLocation* result) {
    Field(object, key, required,
          [&](const json& value) { *result = LocationValue(value); });
  }

  void Places(const json& object, const char* key,
              std::vector<SourceLocation>* result) {
    List(object, key, result,
         [this](const json& value) { return LocationValue(value); });
  }

  SourceLocation LocationValue(const json& value) {
    SourceLocation result;
    Text(value, "file", false, &result.file);
    Number(value, "line", false, 0, &result.line);
    Number(value, "column", false, 0, &result.column);
    Text(value, "function", false, &result.function);
    if (!value.is_object()) Fail("is no object");
    return result;
  }

  Evidence EvidenceValue(const json& value) {
    Evidence result;
    Enum(value, "strength", StrengthFromName, &result.strength);
    Count(value, "executions", &result.executions);
    Text(value, "strategy", false, &result.strategy);
    Count(value, "seed", &result.seed);
    Text(value, "detail", false, &result.detail);
    Texts(value, "limits", &result.limits);
    Seconds(value, "seconds", &result.seconds);
    return result;
  }

  Step StepValue(const json& value) {
    Step result;
    Number(value, "thread", true, 0, &result.thread);
    Place(value, "where", true, &result.where);
    Text(value, "source", false, &result.source);
    Text(value, "operation", false, &result.operation);
    Text(value, "object", false, &result.object);
    Text(value, "value", false, &result.value);
    Texts(value, "held", &result.held);
    Text(value, "note", false, &result.note);
    Places(value, "stack", &result.stack);
    return result;
  }

  Trace TraceValue(const json& value) {
    Trace result;
    List(value, "threads", &result.threads, [this](const json& item) {
      TraceThread thread;
      Text(item, "name", true, &thread.name);
      Place(item, "created_at", false, &thread.created_at);
      return thread;
    });
    List(value, "steps", &result.steps,
         [this](const json& item) { return StepValue(item); });
    Number(value, "inevitable_from", false, -1, &result.inevitable_from);
    Number(value, "context_switches", false, 0, &result.context_switches);
    if (!value.is_object()) Fail("is no object");
    // Whoever prints a trace indexes by these.
    for (const Step& step : result.steps) {
      if (step.thread >= static_cast<int>(result.threads.size())) {
        Fail("has a step of a thread that it does not name");
      }
    }
    if (result.inevitable_from >= static_cast<int>(result.steps.size())) {
      Fail("has no step inevitable_from");
    }
    return result;
  }

  Access AccessValue(const json& value) {
    Access result;
    Text(value, "thread", true, &result.thread);
    Flag(value, "is_write", &result.is_write);
    Flag(value, "is_atomic", &result.is_atomic);
    Number(value, "size", true, 0, &result.size);
    Places(value, "stack", &result.stack);
    Texts(value, "held", &result.held);
    return result;
  }

  BlockedThread BlockedValue(const json& value) {
    BlockedThread result;
    Text(value, "thread", true, &result.thread);
    Text(value, "waits_for", true, &result.waits_for);
    Text(value, "held_by", false, &result.held_by);
    Places(value, "stack", &result.stack);
    return result;
  }

  Finding FindingValue(const json& value) {
    Finding result;
    Enum(value, "kind", FailureKindFromName, &result.kind);
    Text(value, "message", true, &result.message);
    Place(value, "where", false, &result.where);
    Text(value, "object", false, &result.object);
    Text(value, "object_origin", false, &result.object_origin);
    List(value, "accesses", &result.accesses,
         [this](const json& item) { return AccessValue(item); });
    List(value, "blocked", &result.blocked,
         [this](const json& item) { return BlockedValue(item); });
    Field(value, "trace", false,
          [&](const json& item) { result.trace = TraceValue(item); });
    Text(value, "token", false, &result.token);
    Texts(value, "hints", &result.hints);
    Text(value, "output", false, &result.output);
    return result;
  }

  TestResult ResultValue(const json& value) {
    TestResult result;
    Text(value, "test", true, &result.test);
    Enum(value, "engine", EngineFromName, &result.engine);
    Enum(value, "outcome", OutcomeFromName, &result.outcome);
    Field(value, "evidence", false,
          [&](const json& item) { result.evidence = EvidenceValue(item); });
    Field(value, "finding", false,
          [&](const json& item) { result.finding = FindingValue(item); });
    Text(value, "reason", false, &result.reason);
    Text(value, "mend", false, &result.mend);
    if (!status_.ok()) return result;
    const bool failed = result.outcome == Outcome::kFail;
    if (failed != result.finding.has_value()) {
      Fail(failed ? "fails without a finding"
                  : "has a finding without having failed");
    }
    return result;
  }

  Judgement JudgementValue(const json& value) {
    Judgement judgement;
    Field(value, "result", true,
          [&](const json& item) { judgement.result = ResultValue(item); });
    Text(value, "replay", false, &judgement.replay);
    List(value, "unreached", &judgement.unreached, [this](const json& item) {
      Label label;
      Text(item, "name", true, &label.name);
      Place(item, "where", true, &label.where);
      return label;
    });
    return judgement;
  }

 private:
  static constexpr int kMaxInt = std::numeric_limits<int>::max();

  absl::Status status_;
  std::string path_;  // of the value being read: "finding.trace.steps[3].where"
  size_t total_ = 0;  // bytes of text so far
};

}  // namespace

json ToJson(const SourceLocation& location) {
  json result = json::object();
  Put(result, "file", location.file);
  Put(result, "line", location.line);
  Put(result, "column", location.column);
  Put(result, "function", location.function);
  return result;
}

json ToJson(const Evidence& evidence) {
  json result = {{"strength", Name(evidence.strength)}};
  Put(result, "executions", evidence.executions);
  Put(result, "strategy", evidence.strategy);
  Put(result, "seed", evidence.seed);
  Put(result, "detail", evidence.detail);
  Put(result, "limits", evidence.limits);
  Put(result, "seconds", evidence.seconds);
  return result;
}

json ToJson(const Trace& trace) {
  json result = {{"inevitable_from", trace.inevitable_from},
                 {"context_switches", trace.context_switches}};
  PutList(result, "threads", trace.threads);
  PutList(result, "steps", trace.steps);
  return result;
}

json ToJson(const Finding& finding) {
  json result = {{"kind", Name(finding.kind)}, {"message", finding.message}};
  if (finding.where != SourceLocation{}) {
    result["where"] = ToJson(finding.where);
  }
  Put(result, "object", finding.object);
  Put(result, "object_origin", finding.object_origin);
  PutList(result, "accesses", finding.accesses);
  PutList(result, "blocked", finding.blocked);
  if (finding.trace) result["trace"] = ToJson(*finding.trace);
  Put(result, "token", finding.token);
  Put(result, "hints", finding.hints);
  Put(result, "output", finding.output);
  return result;
}

json ToJson(const TestResult& test) {
  json result = {{"test", test.test},
                 {"engine", Name(test.engine)},
                 {"outcome", Name(test.outcome)}};
  if (test.evidence != Evidence{}) result["evidence"] = ToJson(test.evidence);
  if (test.finding) result["finding"] = ToJson(*test.finding);
  Put(result, "reason", test.reason);
  Put(result, "mend", test.mend);
  return result;
}

json ToJson(const Judgement& judgement) {
  json result = {{"result", ToJson(judgement.result)}};
  Put(result, "replay", judgement.replay);
  PutList(result, "unreached", judgement.unreached);
  return result;
}

absl::StatusOr<TestResult> TestResultFromJson(const json& value) {
  Reader reader;
  TestResult result = reader.ResultValue(value);
  if (!reader.status().ok()) return reader.status();
  return result;
}

absl::StatusOr<Judgement> JudgementFromJson(const json& value) {
  Reader reader;
  Judgement judgement = reader.JudgementValue(value);
  if (!reader.status().ok()) return reader.status();
  return judgement;
}

}  // namespace racelab::verdict
