#include "report/junit.h"

#include <cstdint>
#include <cstdio>
#include <pugixml.hpp>
#include <sstream>
#include <string>
#include <string_view>

#include "report/finding_text.h"
#include "report/text.h"

namespace racelab::report {
namespace {

using verdict::Finding;
using verdict::Outcome;
using verdict::TestResult;

constexpr size_t kTextWidth = 100;

// What XML 1.0 can carry [Char, section 2.2]; pugixml escapes markup, but not
// that.
std::string XmlText(std::string_view text) {
  const std::string valid = ValidUtf8(text);
  std::string result;
  for (size_t i = 0; i < valid.size(); ++i) {
    const auto byte = static_cast<unsigned char>(valid[i]);
    const std::string_view here = std::string_view(valid).substr(i, 3);
    if (here == "\xef\xbf\xbe" || here == "\xef\xbf\xbf") {
      result += "\xef\xbf\xbd";
      i += 2;
    } else if (byte < 0x20 && byte != '\n' && byte != '\t') {
      result += byte == '\r' ? "" : "\xef\xbf\xbd";
    } else {
      result += valid[i];
    }
  }
  return result;
}

std::string Seconds(double seconds) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.3f", seconds);
  return text;
}

struct Counts {
  int tests = 0;
  int failures = 0;
  int errors = 0;
  int skipped = 0;
  double seconds = 0;

  void Add(const Counts& other) {
    tests += other.tests;
    failures += other.failures;
    errors += other.errors;
    skipped += other.skipped;
    seconds += other.seconds;
  }
};

void Set(pugi::xml_node node, const char* name, std::string_view value) {
  node.append_attribute(name).set_value(XmlText(value).c_str());
}

void Set(pugi::xml_node node, const Counts& counts) {
  node.append_attribute("tests").set_value(counts.tests);
  node.append_attribute("failures").set_value(counts.failures);
  node.append_attribute("errors").set_value(counts.errors);
  node.append_attribute("skipped").set_value(counts.skipped);
  Set(node, "time", Seconds(counts.seconds));
}

class LabWriter {
 public:
  LabWriter(const LabReport& lab, const RunReport& run, pugi::xml_node suite)
      : lab_(lab), run_(run), suite_(suite) {}

  Counts Write() {
    for (const Finding& finding : lab_.findings) {
      Failure(Case("build", finding.where, 0), finding, nullptr);
    }
    for (const TestReport& test : lab_.tests) {
      for (const TestResult& result : test.results) Result(test, result);
      // Not judged: what the build found, or what was in the way, says why.
      if (test.results.empty()) NotJudged(test);
    }
    if (lab_.tests.empty() && !lab_.reason.empty()) {
      Trouble(Case("run", {}, 0), lab_.outcome, lab_.reason, lab_.mend);
    }
    Set(suite_, "name", lab_.name);
    Set(suite_, counts_);
    if (!run_.started_at.empty()) Set(suite_, "timestamp", run_.started_at);
    return counts_;
  }

 private:
  pugi::xml_node Case(std::string_view name,
                      const verdict::SourceLocation& where, double seconds) {
    ++counts_.tests;
    counts_.seconds += seconds;
    pugi::xml_node node = suite_.append_child("testcase");
    Set(node, "classname", lab_.name);
    Set(node, "name", name);
    Set(node, "time", Seconds(seconds));
    if (!where.file.empty()) {
      Set(node, "file", lab_.dir + (lab_.dir.empty() ? "" : "/") + where.file);
      if (where.line > 0) node.append_attribute("line").set_value(where.line);
    }
    return node;
  }

  void Result(const TestReport& test, const TestResult& result) {
    pugi::xml_node node =
        Case(test.name + " (" + std::string(Name(result.engine)) + ")",
             test.where, result.evidence.seconds);
    switch (result.outcome) {
      case Outcome::kPass:
        break;
      case Outcome::kFail:
        if (result.finding) {
          Failure(node, *result.finding, &test);
        } else {
          Failure(node, Finding{}, &test);
        }
        break;
      case Outcome::kInconclusive:
      case Outcome::kHarnessError:
        Trouble(node, result.outcome, result.reason, result.mend);
        break;
    }
  }

  void NotJudged(const TestReport& test) {
    pugi::xml_node node = Case(test.name, test.where, 0);
    if (test.outcome != Outcome::kFail) {
      Trouble(node, test.outcome, lab_.reason, lab_.mend);
      return;
    }
    Finding finding;
    finding.kind = lab_.findings.empty() ? verdict::FailureKind::kBuildError
                                         : lab_.findings.front().kind;
    finding.message = "Not run: see the case \"build\".";
    Failure(node, finding, nullptr);
  }

  void Failure(pugi::xml_node node, const Finding& finding,
               const TestReport* test) {
    ++counts_.failures;
    pugi::xml_node failure = node.append_child("failure");
    Set(failure, "message", OneLine(finding.message));
    Set(failure, "type", Name(finding.kind));
    std::string text = "\n";
    for (const std::string& line :
         FindingText(finding, lab_, kTextWidth, Style{})) {
      text += line + "\n";
    }
    if (test != nullptr && !test->misconception.empty()) {
      text += "\n" + test->misconception + "\n";
    }
    if (test != nullptr && !test->replay_command.empty() &&
        !finding.token.empty()) {
      text += "\nReplay it: " + test->replay_command + "\n";
    }
    failure.append_child(pugi::node_pcdata)
        .set_value(XmlText(NoCommands(text)).c_str());
  }

  // A harness error is an <error>, anything inconclusive <skipped>.
  void Trouble(pugi::xml_node node, Outcome outcome, const std::string& reason,
               const std::string& mend) {
    const bool error = outcome == Outcome::kHarnessError;
    ++(error ? counts_.errors : counts_.skipped);
    pugi::xml_node trouble = node.append_child(error ? "error" : "skipped");
    Set(trouble, "message",
        OneLine(reason + (mend.empty() ? "" : " What helps: " + mend)));
    if (error) Set(trouble, "type", Name(outcome));
  }

  const LabReport& lab_;
  const RunReport& run_;
  pugi::xml_node suite_;
  Counts counts_;
};

}  // namespace

std::string Junit(const RunReport& run) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version").set_value("1.0");
  declaration.append_attribute("encoding").set_value("UTF-8");
  pugi::xml_node suites = document.append_child("testsuites");
  Counts total;
  for (const LabReport& lab : run.labs) {
    total.Add(LabWriter(lab, run, suites.append_child("testsuite")).Write());
  }
  Set(suites, "name", "racelab");
  Set(suites, total);
  std::ostringstream stream;
  document.save(stream, "  ");
  return stream.str();
}

}  // namespace racelab::report
