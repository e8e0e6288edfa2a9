#include "report/junit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pugixml.hpp>
#include <string>

#include "report/testing.h"

namespace racelab::report {
namespace {

using ::testing::HasSubstr;

pugi::xml_document Parse(const std::string& text) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed =
      document.load_buffer(text.data(), text.size());
  EXPECT_TRUE(parsed) << parsed.description();
  return document;
}

TEST(Junit, HasASuitePerLabAndACasePerTestAndEngine) {
  const pugi::xml_document document = Parse(Junit(ExampleRun()));
  const pugi::xml_node suites = document.child("testsuites");
  EXPECT_EQ(suites.attribute("tests").as_int(), 7);
  EXPECT_EQ(suites.attribute("failures").as_int(), 3);
  const pugi::xml_node suite = suites.first_child();
  EXPECT_STREQ(suite.attribute("name").value(), "lost_update");
  EXPECT_STREQ(suite.attribute("timestamp").value(), "2026-01-02T03:04:05Z");
  EXPECT_EQ(suite.attribute("tests").as_int(), 6);
  const pugi::xml_node passed = suite.first_child();
  EXPECT_STREQ(passed.attribute("name").value(), "Counter.StartsAtZero (tsan)");
  EXPECT_TRUE(passed.first_child().empty());
  const pugi::xml_node failure = suite.last_child().child("failure");
  EXPECT_STREQ(failure.attribute("type").value(), "data-race");
  EXPECT_THAT(failure.attribute("message").value(),
              HasSubstr("Data race on counter"));
  EXPECT_THAT(failure.text().get(), HasSubstr("no happens-before edge"));
  EXPECT_THAT(failure.text().get(), HasSubstr("./racelab replay rl1."));
}

TEST(Junit, KeepsTroubleApartFromFailure) {
  RunReport run = ExampleRun();
  verdict::TestResult& result = run.labs[1].tests[0].results[0];
  result.outcome = verdict::Outcome::kInconclusive;
  result.reason = "The budget was spent.";
  verdict::TestResult& other = run.labs[0].tests[0].results[0];
  other.outcome = verdict::Outcome::kHarnessError;
  other.reason = "No memory.";
  const pugi::xml_document document = Parse(Junit(run));
  const pugi::xml_node suites = document.child("testsuites");
  EXPECT_EQ(suites.attribute("skipped").as_int(), 1);
  EXPECT_EQ(suites.attribute("errors").as_int(), 1);
  EXPECT_EQ(suites.attribute("failures").as_int(), 3);
  EXPECT_FALSE(suites.last_child().first_child().child("skipped").empty());
  EXPECT_FALSE(suites.first_child().first_child().child("error").empty());
}

TEST(Junit, FailsEveryTestOfALabThatDoesNotCompile) {
  RunReport run = ExampleRun();
  verdict::Finding finding;
  finding.kind = verdict::FailureKind::kBuildError;
  finding.message = "does not compile";
  run.labs[0].findings = {finding};
  for (TestReport& test : run.labs[0].tests) {
    test.results.clear();
    test.outcome = verdict::Outcome::kFail;
  }
  const pugi::xml_document document = Parse(Junit(run));
  const pugi::xml_node suite = document.child("testsuites").first_child();
  EXPECT_EQ(suite.attribute("tests").as_int(), 3);
  EXPECT_EQ(suite.attribute("failures").as_int(), 3);
}

TEST(Junit, StaysWellFormedWhateverAStudentWrites) {
  const std::string text = Junit(HostileRun());
  const pugi::xml_document document = Parse(text);
  EXPECT_EQ(document.child("testsuites").attribute("tests").as_int(), 12);
  EXPECT_EQ(text.find("&#x"), text.npos);
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    EXPECT_TRUE(byte >= 0x20 || byte == '\n' || byte == '\t') << i;
    // U+FFFE and U+FFFF are no XML.
    EXPECT_NE(text.compare(i, 3, "\xef\xbf\xbf"), 0);
  }
  for (const int number : {1, 7, 27, 31}) {
    EXPECT_EQ(text.find("&#" + std::to_string(number) + ";"), text.npos);
  }
}

}  // namespace
}  // namespace racelab::report
