#include "report/github.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "report/finding_text.h"
#include "report/text.h"
#include "report/witness.h"

namespace racelab::report {
namespace {

using verdict::Finding;
using verdict::Outcome;
using verdict::TestResult;

// Workflow commands [toolkit, command.ts]: data and properties.
std::string EscapeData(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '%') {
      result += "%25";
    } else if (c == '\r') {
      result += "%0D";
    } else if (c == '\n') {
      result += "%0A";
    } else {
      result += c;
    }
  }
  return result;
}

std::string EscapeProperty(std::string_view text) {
  std::string result;
  for (const char c : EscapeData(text)) {
    if (c == ':') {
      result += "%3A";
    } else if (c == ',') {
      result += "%2C";
    } else {
      result += c;
    }
  }
  return result;
}

std::string Annotation(std::string_view command, const LabReport& lab,
                       const verdict::SourceLocation& where,
                       const std::string& title, const std::string& message) {
  std::string line = "::" + std::string(command) + " ";
  if (!where.file.empty()) {
    line += "file=" + EscapeProperty(OneLine(
                          lab.dir + (lab.dir.empty() ? "" : "/") + where.file));
    if (where.line > 0) line += ",line=" + std::to_string(where.line);
    line += ",";
  }
  return line + "title=" + EscapeProperty(OneLine(title)) +
         "::" + EscapeData(message) + "\n";
}

std::string JoinedLines(std::string_view text) {
  std::string result;
  for (const std::string& line : Lines(text, 20)) {
    result += (result.empty() ? "" : "\n") + line;
  }
  return result;
}

// Plain text in Markdown: nothing in it is markup.
std::string Markdown(std::string_view text) {
  static constexpr std::string_view kMarkup = "\\`*_{}[]()#+-.!|~>:@";
  std::string result;
  for (const char c : OneLine(text)) {
    if (c == '<') {
      result += "&lt;";
    } else if (c == '&') {
      result += "&amp;";
    } else {
      if (kMarkup.find(c) != kMarkup.npos) result += '\\';
      result += c;
    }
  }
  return result;
}

// A fenced block whose fence no line inside can close.
std::string CodeBlock(const std::vector<std::string>& lines) {
  size_t longest = 2;
  for (const std::string& line : lines) {
    size_t run = 0;
    for (const char c : line) {
      run = c == '`' ? run + 1 : 0;
      longest = std::max(longest, run);
    }
  }
  const std::string fence(longest + 1, '`');
  std::string result = fence + "text\n";
  for (const std::string& line : lines) result += line + "\n";
  return result + fence + "\n";
}

// " (spurious wake-ups: at most 1 a thread)".
std::string LimitsOf(const verdict::Evidence& evidence) {
  std::string text;
  for (const std::string& limit : evidence.limits) {
    text += (text.empty() ? " (" : "; ") + limit;
  }
  return text.empty() ? "" : Markdown(text + ")");
}

std::string Cell(const TestResult& result) {
  switch (result.outcome) {
    case Outcome::kPass:
      switch (result.evidence.strength) {
        case verdict::Evidence::Strength::kExhausted:
          return "✅ all " + Count(result.evidence.executions, "execution") +
                 LimitsOf(result.evidence);
        case verdict::Evidence::Strength::kSampled:
          return "✅ " + Thousands(result.evidence.executions) + " sampled";
        case verdict::Evidence::Strength::kRounds:
          return "✅ " + Count(result.evidence.executions, "round");
        case verdict::Evidence::Strength::kChecked:
        case verdict::Evidence::Strength::kNone:
          return "✅";
      }
      return "✅";
    case Outcome::kFail:
      return "❌ " + (result.finding ? Words(result.finding->kind) : "fails");
    case Outcome::kInconclusive:
    case Outcome::kHarnessError:
      return "⚠️ " + Words(result.outcome);
  }
  return "";
}

std::string Matrix(const LabReport& lab) {
  const std::vector<verdict::Engine> engines = EnginesOf(lab);
  std::string head = "| test | points |";
  std::string rule = "|---|--:|";
  for (const verdict::Engine engine : engines) {
    head += " " + std::string(Name(engine)) + " |";
    rule += "---|";
  }
  std::string result = head + "\n" + rule + "\n";
  for (const TestReport& test : lab.tests) {
    result += "| " + Markdown(test.name) + " | " + std::to_string(test.points) +
              "/" + std::to_string(test.max_points) + " |";
    for (const verdict::Engine engine : engines) {
      const auto it =
          std::find_if(test.results.begin(), test.results.end(),
                       [&](const TestResult& r) { return r.engine == engine; });
      result += " " + (it == test.results.end() ? "" : Cell(*it)) + " |";
    }
    result += "\n";
  }
  return result;
}

std::string Details(const LabReport& lab) {
  std::string result;
  const auto finding = [&](const Finding& found, const std::string& title) {
    result += "\n<details><summary>" + Markdown(title) + "</summary>\n\n" +
              CodeBlock(FindingText(found, lab, 100, Style{}));
  };
  for (const Finding& found : lab.findings) {
    finding(found, Words(found.kind));
    result += "\n</details>\n";
  }
  for (const TestReport& test : lab.tests) {
    const TestResult* witness = BestWitness(test);
    if (witness == nullptr) continue;
    finding(*witness->finding,
            test.name + ": " + Words(witness->finding->kind));
    if (!test.misconception.empty()) {
      result += "\n" + Markdown(test.misconception) + "\n";
    }
    if (!test.replay_command.empty()) {
      result += "\n" + CodeBlock({OneLine(test.replay_command)});
    }
    result += "\n</details>\n";
  }
  return result;
}

}  // namespace

std::string GithubAnnotations(const RunReport& run) {
  // What stops everything first, then failures, then what was not judged.
  std::string builds;
  std::string failures;
  std::string troubles;
  for (const LabReport& lab : run.labs) {
    for (const Finding& finding : lab.findings) {
      builds += Annotation("error", lab, StudentPlace(finding),
                           lab.name + ": " + Words(finding.kind),
                           JoinedLines(finding.message));
    }
    for (const TestReport& test : lab.tests) {
      if (const TestResult* witness = BestWitness(test)) {
        const Finding& finding = *witness->finding;
        std::string message = JoinedLines(finding.message);
        if (!test.misconception.empty()) {
          message += "\n" + OneLine(test.misconception);
        }
        if (!test.replay_command.empty()) {
          message += "\nReplay it: " + OneLine(test.replay_command);
        }
        failures += Annotation(
            "error", lab, StudentPlace(finding),
            lab.name + ": " + test.name + ": " + Words(finding.kind), message);
        continue;
      }
      for (const TestResult& result : test.results) {
        if (result.outcome != Outcome::kInconclusive &&
            result.outcome != Outcome::kHarnessError) {
          continue;
        }
        troubles += Annotation(
            "warning", lab, test.where,
            lab.name + ": " + test.name + ": " + Words(result.outcome),
            OneLine(result.reason) +
                (result.mend.empty()
                     ? ""
                     : "\nWhat helps: " + OneLine(result.mend)));
        break;
      }
    }
    if (!lab.reason.empty()) {
      troubles += Annotation(
          "warning", lab, {}, lab.name + ": " + Words(lab.outcome),
          OneLine(lab.reason) +
              (lab.mend.empty() ? "" : "\nWhat helps: " + OneLine(lab.mend)));
    }
  }
  return builds + failures + troubles;
}

std::string GithubSummary(const RunReport& run, size_t limit) {
  static constexpr std::string_view kCut =
      "\n(More was left out here: see results.json.)\n";
  std::string result = "## Racelab: " + std::to_string(run.points) + " / " +
                       Count(static_cast<uint64_t>(run.max_points), "point") +
                       "\n";
  const auto add = [&](const std::string& part) {
    if (result.size() + part.size() + kCut.size() > limit) return false;
    result += part;
    return true;
  };
  bool complete = true;
  for (const LabReport& lab : run.labs) {
    std::string head = "\n### " + Markdown(lab.name) + ": " +
                       std::to_string(lab.points) + " / " +
                       std::to_string(lab.max_points) + "\n";
    if (!lab.title.empty()) head += "\n" + Markdown(lab.title) + "\n";
    if (!lab.reason.empty()) {
      head += "\n" + Markdown(Words(lab.outcome) + ": " + lab.reason) + "\n";
      if (!lab.mend.empty()) {
        head += "\n" + Markdown("What helps: " + lab.mend) + "\n";
      }
    }
    if (!lab.tests.empty()) head += "\n" + Matrix(lab);
    complete = add(head) && add(Details(lab)) && complete;
  }
  if (!complete && result.size() + kCut.size() <= limit) result += kCut;
  return result.substr(0, std::min(result.size(), limit));
}

}  // namespace racelab::report
