#include "testing/json_schema.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace racelab::testing {
namespace {

using nlohmann::json;

std::string Check(const char* schema, const char* document) {
  return SchemaViolation(json::parse(schema), json::parse(document));
}

TEST(JsonSchema, ChecksEachRuleBothWays) {
  const struct {
    const char* schema;
    const char* good;
    const char* bad;
  } cases[] = {
      {R"({"type":"integer"})", "1", "1.5"},
      {R"({"type":"number"})", "1.5", "\"1\""},
      {R"({"type":"string"})", "\"\"", "[]"},
      {R"({"type":"object"})", "{}", "null"},
      {R"({"enum":["a",1]})", "1", "\"b\""},
      {R"({"minimum":0})", "0", "-1"},
      {R"({"pattern":"^a+$"})", "\"aa\"", "\"ab\""},
      {R"({"required":["a"]})", R"({"a":1})", "{}"},
      {R"({"properties":{"a":{"type":"integer"}}})", R"({"a":1,"b":""})",
       R"({"a":""})"},
      {R"({"properties":{"a":{}},"additionalProperties":false})", R"({"a":1})",
       R"({"b":1})"},
      {R"({"additionalProperties":{"type":"integer"}})", R"({"a":1})",
       R"({"a":""})"},
      {R"({"items":{"type":"integer"}})", "[1,2]", "[1,\"\"]"},
      {R"({"oneOf":[{"type":"integer"},{"enum":["x",2]}]})", "\"x\"", "2"},
      {R"({"not":{"type":"string"}})", "1", "\"x\""},
      {R"({"$ref":"#/definitions/a","definitions":{"a":{"minimum":3}}})", "3",
       "2"}};
  for (const auto& [schema, good, bad] : cases) {
    EXPECT_EQ(Check(schema, good), "") << schema;
    EXPECT_NE(Check(schema, bad), "") << schema;
  }
}

TEST(JsonSchema, NamesThePlace) {
  EXPECT_EQ(Check(R"({"properties":{"a":{"items":{"minimum":0}}}})",
                  R"({"a":[1,-1]})"),
            "/a/1: minimum");
}

TEST(JsonSchema, RefusesARuleThatItDoesNotKnow) {
  EXPECT_NE(Check(R"({"maxLength":3})", "\"a\""), "");
}

}  // namespace
}  // namespace racelab::testing
