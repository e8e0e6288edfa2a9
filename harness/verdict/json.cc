#include "verdict/json.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace racelab::verdict {
namespace {

using nlohmann::json;
using verdict::ToJson;

json ToJson(const Step& step);
json ToJson(const TraceThread& thread);
json ToJson(const Access& access);
json ToJson(const BlockedThread& thread);

// Leaves out what is empty, zero or false, so that records stay short.
template <typename T>
void Put(json& object, const char* key, const T& value) {
  if (value == T{}) return;
  object[key] = value;
}

template <typename T>
void PutList(json& object, const char* key, const std::vector<T>& values) {
  if (values.empty()) return;
  json list = json::array();
  for (const T& value : values) list.push_back(ToJson(value));
  object[key] = std::move(list);
}

json ToJson(const Step& step) {
  json object = {{"thread", step.thread}, {"where", ToJson(step.where)}};
  Put(object, "source", step.source);
  Put(object, "operation", step.operation);
  Put(object, "object", step.object);
  Put(object, "value", step.value);
  Put(object, "held", step.held);
  Put(object, "note", step.note);
  PutList(object, "stack", step.stack);
  return object;
}

json ToJson(const TraceThread& thread) {
  return {{"name", thread.name}, {"created_at", ToJson(thread.created_at)}};
}

json ToJson(const Access& access) {
  json object = {{"thread", access.thread},
                 {"is_write", access.is_write},
                 {"is_atomic", access.is_atomic},
                 {"size", access.size}};
  PutList(object, "stack", access.stack);
  Put(object, "held", access.held);
  return object;
}

json ToJson(const BlockedThread& thread) {
  json object = {{"thread", thread.thread}};
  Put(object, "waits_for", thread.waits_for);
  Put(object, "held_by", thread.held_by);
  PutList(object, "stack", thread.stack);
  return object;
}

// Reads the fields of one object; the first mistake stays in `status`.
class Reader {
 public:
  Reader(const json& object, std::string path, absl::Status& status)
      : object_(object), path_(std::move(path)), status_(status) {
    if (!object_.is_object()) Fail("", "an object");
  }

  void Take(const char* key, std::string& out) {
    if (const json* value = Find(key, "a string", &json::is_string)) {
      out = value->get<std::string>();
    }
  }
  void Take(const char* key, bool& out) {
    if (const json* value = Find(key, "true or false", &json::is_boolean)) {
      out = value->get<bool>();
    }
  }
  void Take(const char* key, int& out) {
    const json* value = Find(key, "a whole number", &json::is_number_integer);
    if (value == nullptr) return;
    const bool fits =
        value->is_number_unsigned()
            ? value->get<uint64_t>() <=
                  uint64_t{std::numeric_limits<int>::max()}
            : value->get<int64_t>() >= std::numeric_limits<int>::min();
    if (!fits) return Fail(key, "a smaller number");
    out = value->get<int>();
  }
  void Take(const char* key, uint64_t& out) {
    if (const json* value =
            Find(key, "a whole number, 0 or more", &json::is_number_unsigned)) {
      out = value->get<uint64_t>();
    }
  }
  void Take(const char* key, double& out) {
    if (const json* value = Find(key, "a number", &json::is_number)) {
      out = value->get<double>();
      if (!std::isfinite(out)) Fail(key, "a finite number");
    }
  }
  void Take(const char* key, std::vector<std::string>& out) {
    const json* list = Find(key, "a list", &json::is_array);
    if (list == nullptr) return;
    for (const json& value : *list) {
      if (!value.is_string()) return Fail(key, "a list of strings");
      out.push_back(value.get<std::string>());
    }
  }
  // An enum, by name.
  template <typename E>
  void Take(const char* key, std::optional<E> (*from_name)(std::string_view),
            bool required, E& out) {
    if (required && ok() && !object_.contains(key)) {
      return Fail(key, "there");
    }
    const json* value = Find(key, "a string", &json::is_string);
    if (value == nullptr) return;
    const auto found = from_name(value->get<std::string>());
    if (!found) return Fail(key, "one of the known names");
    out = *found;
  }
  // An object, or a list of them, read by Read(Reader, T&).
  template <typename T>
  void TakeObject(const char* key, T& out) {
    if (const json* value = Find(key, "an object", &json::is_object)) {
      Read(Reader(*value, Path(key), status_), out);
    }
  }
  template <typename T>
  void TakeOptional(const char* key, std::optional<T>& out) {
    if (const json* value = Find(key, "an object", &json::is_object)) {
      Read(Reader(*value, Path(key), status_), out.emplace());
    }
  }
  template <typename T>
  void TakeObjects(const char* key, std::vector<T>& out) {
    const json* list = Find(key, "a list", &json::is_array);
    if (list == nullptr) return;
    for (const json& value : *list) {
      Read(Reader(value, Path(key), status_), out.emplace_back());
      if (!ok()) return;
    }
  }

  bool ok() const { return status_.ok(); }
  void Fail(const char* key, const char* wanted) {
    if (!ok()) return;
    status_ =
        absl::InvalidArgumentError("\"" + Path(key) + "\" must be " + wanted);
  }

 private:
  std::string Path(const char* key) const {
    if (*key == '\0') return path_;
    return path_.empty() ? key : path_ + "." + key;
  }
  const json* Find(const char* key, const char* wanted,
                   bool (json::*is_right)() const noexcept) {
    if (!ok()) return nullptr;
    const auto found = object_.find(key);
    if (found == object_.end()) return nullptr;
    if (!((*found).*is_right)()) {
      Fail(key, wanted);
      return nullptr;
    }
    return &*found;
  }

  const json& object_;
  std::string path_;
  absl::Status& status_;
};

void Read(Reader reader, SourceLocation& out);
void Read(Reader reader, Evidence& out);
void Read(Reader reader, Step& out);
void Read(Reader reader, TraceThread& out);
void Read(Reader reader, Trace& out);
void Read(Reader reader, Access& out);
void Read(Reader reader, BlockedThread& out);
void Read(Reader reader, Finding& out);

void Read(Reader reader, SourceLocation& out) {
  reader.Take("file", out.file);
  reader.Take("line", out.line);
  reader.Take("column", out.column);
  reader.Take("function", out.function);
}

void Read(Reader reader, Evidence& out) {
  reader.Take("strength", StrengthFromName, true, out.strength);
  reader.Take("executions", out.executions);
  reader.Take("strategy", out.strategy);
  reader.Take("seed", out.seed);
  reader.Take("detail", out.detail);
  reader.Take("seconds", out.seconds);
}

void Read(Reader reader, Step& out) {
  reader.Take("thread", out.thread);
  reader.TakeObject("where", out.where);
  reader.Take("source", out.source);
  reader.Take("operation", out.operation);
  reader.Take("object", out.object);
  reader.Take("value", out.value);
  reader.Take("held", out.held);
  reader.Take("note", out.note);
  reader.TakeObjects("stack", out.stack);
}

void Read(Reader reader, TraceThread& out) {
  reader.Take("name", out.name);
  reader.TakeObject("created_at", out.created_at);
}

void Read(Reader reader, Trace& out) {
  reader.TakeObjects("threads", out.threads);
  reader.TakeObjects("steps", out.steps);
  reader.Take("inevitable_from", out.inevitable_from);
  reader.Take("context_switches", out.context_switches);
  for (const Step& step : out.steps) {
    if (step.thread < 0 ||
        step.thread >= static_cast<int>(out.threads.size())) {
      return reader.Fail("steps", "of threads that \"threads\" lists");
    }
  }
}

void Read(Reader reader, Access& out) {
  reader.Take("thread", out.thread);
  reader.Take("is_write", out.is_write);
  reader.Take("is_atomic", out.is_atomic);
  reader.Take("size", out.size);
  reader.TakeObjects("stack", out.stack);
  reader.Take("held", out.held);
}

void Read(Reader reader, BlockedThread& out) {
  reader.Take("thread", out.thread);
  reader.Take("waits_for", out.waits_for);
  reader.Take("held_by", out.held_by);
  reader.TakeObjects("stack", out.stack);
}

void Read(Reader reader, Finding& out) {
  reader.Take("kind", FailureKindFromName, true, out.kind);
  reader.Take("message", out.message);
  reader.TakeObject("where", out.where);
  reader.Take("object", out.object);
  reader.Take("object_origin", out.object_origin);
  reader.TakeObjects("accesses", out.accesses);
  reader.TakeObjects("blocked", out.blocked);
  reader.TakeOptional("trace", out.trace);
  reader.Take("token", out.token);
  reader.Take("hints", out.hints);
  reader.Take("output", out.output);
}

}  // namespace

json ToJson(const SourceLocation& location) {
  json object = json::object();
  Put(object, "file", location.file);
  Put(object, "line", location.line);
  Put(object, "column", location.column);
  Put(object, "function", location.function);
  return object;
}

json ToJson(const Evidence& evidence) {
  json object = {{"strength", Name(evidence.strength)},
                 {"executions", evidence.executions}};
  Put(object, "strategy", evidence.strategy);
  Put(object, "seed", evidence.seed);
  Put(object, "detail", evidence.detail);
  object["seconds"] = evidence.seconds;
  return object;
}

json ToJson(const Trace& trace) {
  json object = {{"threads", json::array()}, {"steps", json::array()}};
  for (const TraceThread& thread : trace.threads) {
    object["threads"].push_back(ToJson(thread));
  }
  for (const Step& step : trace.steps) object["steps"].push_back(ToJson(step));
  object["inevitable_from"] = trace.inevitable_from;
  object["context_switches"] = trace.context_switches;
  return object;
}

json ToJson(const Finding& finding) {
  json object = {{"kind", Name(finding.kind)}, {"message", finding.message}};
  if (finding.where != SourceLocation{}) {
    object["where"] = ToJson(finding.where);
  }
  Put(object, "object", finding.object);
  Put(object, "object_origin", finding.object_origin);
  PutList(object, "accesses", finding.accesses);
  PutList(object, "blocked", finding.blocked);
  if (finding.trace) object["trace"] = ToJson(*finding.trace);
  Put(object, "token", finding.token);
  Put(object, "hints", finding.hints);
  Put(object, "output", finding.output);
  return object;
}

json ToJson(const TestResult& result) {
  json object = {{"test", result.test},
                 {"engine", Name(result.engine)},
                 {"outcome", Name(result.outcome)},
                 {"evidence", ToJson(result.evidence)}};
  if (result.finding) object["finding"] = ToJson(*result.finding);
  Put(object, "reason", result.reason);
  Put(object, "mend", result.mend);
  return object;
}

absl::StatusOr<TestResult> TestResultFromJson(const json& object) {
  TestResult result;
  absl::Status status;
  Reader reader(object, "", status);
  if (!status.ok()) {
    return absl::InvalidArgumentError("a result must be an object");
  }
  if (!object.contains("test")) reader.Fail("test", "there");
  reader.Take("test", result.test);
  reader.Take("engine", EngineFromName, true, result.engine);
  reader.Take("outcome", OutcomeFromName, true, result.outcome);
  reader.TakeObject("evidence", result.evidence);
  reader.TakeOptional("finding", result.finding);
  reader.Take("reason", result.reason);
  reader.Take("mend", result.mend);
  if (status.ok() &&
      result.finding.has_value() != (result.outcome == Outcome::kFail)) {
    reader.Fail("finding", "there if and only if the outcome is \"fail\"");
  }
  if (!status.ok()) return status;
  return result;
}

}  // namespace racelab::verdict
