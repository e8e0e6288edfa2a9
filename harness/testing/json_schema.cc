#include "testing/json_schema.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>

namespace racelab::testing {
namespace {

using nlohmann::json;

bool HasType(const json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  return type == "null" && value.is_null();
}

class Checker {
 public:
  explicit Checker(const json& root) : root_(root) {}

  std::string Check(const json& schema, const json& value,
                    const std::string& at) const {
    for (const auto& [keyword, rule] : schema.items()) {
      const std::string wrong = Rule(schema, keyword, rule, value, at);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

 private:
  std::string Rule(const json& schema, const std::string& keyword,
                   const json& rule, const json& value,
                   const std::string& at) const {
    const std::string wrong = at + ": " + keyword;
    if (keyword == "$schema" || keyword == "title" ||
        keyword == "description" || keyword == "definitions") {
      return "";
    }
    if (keyword == "$ref") {
      const std::string reference = rule.get<std::string>();
      if (!reference.starts_with("#")) return wrong + " is not local";
      return Check(root_.at(json::json_pointer(reference.substr(1))), value,
                   at);
    }
    if (keyword == "type") {
      return HasType(value, rule.get<std::string>()) ? "" : wrong;
    }
    if (keyword == "enum") {
      return std::find(rule.begin(), rule.end(), value) != rule.end() ? ""
                                                                      : wrong;
    }
    if (keyword == "minimum") {
      return !value.is_number() || value >= rule ? "" : wrong;
    }
    if (keyword == "pattern") {
      return !value.is_string() ||
                     std::regex_search(value.get<std::string>(),
                                       std::regex(rule.get<std::string>()))
                 ? ""
                 : wrong;
    }
    if (keyword == "required") {
      for (const json& key : rule) {
        if (value.is_object() && !value.contains(key.get<std::string>())) {
          return wrong + " " + key.get<std::string>();
        }
      }
      return "";
    }
    if (keyword == "properties") return Properties(rule, value, at);
    if (keyword == "additionalProperties") {
      return Additional(schema, rule, value, at);
    }
    if (keyword == "items") {
      for (size_t i = 0; value.is_array() && i < value.size(); ++i) {
        const std::string inner =
            Check(rule, value[i], at + "/" + std::to_string(i));
        if (!inner.empty()) return inner;
      }
      return "";
    }
    if (keyword == "oneOf") {
      const auto fits =
          std::count_if(rule.begin(), rule.end(), [&](const json& alternative) {
            return Check(alternative, value, at).empty();
          });
      return fits == 1 ? "" : wrong;
    }
    if (keyword == "not") return Check(rule, value, at).empty() ? wrong : "";
    return "the schema uses " + keyword + ", which this check does not know";
  }

  std::string Properties(const json& rule, const json& value,
                         const std::string& at) const {
    for (const auto& [key, inner] : rule.items()) {
      if (!value.is_object() || !value.contains(key)) continue;
      const std::string wrong = Check(inner, value[key], at + "/" + key);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  std::string Additional(const json& schema, const json& rule,
                         const json& value, const std::string& at) const {
    if (!value.is_object()) return "";
    const json known = schema.value("properties", json::object());
    for (const auto& [key, inner] : value.items()) {
      if (known.contains(key)) continue;
      if (rule.is_boolean()) {
        if (!rule.get<bool>()) return at + "/" + key + ": is not known";
        continue;
      }
      const std::string wrong = Check(rule, inner, at + "/" + key);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  const json& root_;
};

}  // namespace

std::string SchemaViolation(const json& schema, const json& document) {
  return Checker(schema).Check(schema, document, "");
}

}  // namespace racelab::testing
