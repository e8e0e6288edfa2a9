#include "report/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "report/finding_text.h"
#include "report/text.h"
#include "report/witness.h"

namespace racelab::report {
namespace {

using verdict::Engine;
using verdict::Evidence;
using verdict::Outcome;
using verdict::TestResult;

constexpr size_t kIndent = 2;

std::string Points(int points, int max_points) {
  return std::to_string(points) + "/" + std::to_string(max_points);
}

// Evidence in a cell: "all 6,412", "200,000 sampled", "3,120 rounds".
std::string CellEvidence(const Evidence& evidence) {
  switch (evidence.strength) {
    case Evidence::Strength::kExhausted:
      return (evidence.executions == 1
                  ? "1 execution"
                  : "all " + Thousands(evidence.executions)) +
             (evidence.limits.empty() ? "" : "*");
    case Evidence::Strength::kSampled:
      return Thousands(evidence.executions) + " sampled";
    case Evidence::Strength::kRounds:
      return Count(evidence.executions, "round");
    case Evidence::Strength::kChecked:
    case Evidence::Strength::kNone:
      return "";
  }
  return "";
}

class Report {
 public:
  Report(const RunReport& run, const TerminalOptions& options)
      : run_(run),
        options_(options),
        width_(static_cast<size_t>(std::clamp(options.width, 40, 200))),
        style_{.color = options.color, .unicode = options.unicode} {}

  std::string Write() {
    int explain = options_.explain;
    for (const LabReport& lab : run_.labs) {
      Lab(lab, run_.labs.size() > 1 ? options_.explain : explain);
    }
    if (run_.labs.size() != 1) Totals();
    return std::move(text_);
  }

 private:
  void Line(const std::string& line) {
    size_t end = line.size();
    while (end > 0 && line[end - 1] == ' ') --end;
    text_.append(line, 0, end);
    text_ += '\n';
  }
  void Blank() { text_ += '\n'; }
  void Indented(const std::string& line) {
    Line(line.empty() ? "" : std::string(kIndent, ' ') + line);
  }
  void Paragraph(const std::string& text) {
    for (const std::string& line : Wrap(style_.Text(text), width_ - kIndent)) {
      Indented(line);
    }
  }

  std::string Mark(Outcome outcome) const {
    switch (outcome) {
      case Outcome::kPass:
        return options_.unicode ? "✓" : "ok";
      case Outcome::kFail:
        return options_.unicode ? "✗" : "FAIL";
      case Outcome::kInconclusive:
        return "?";
      case Outcome::kHarnessError:
        return "!";
    }
    return "";
  }

  std::string Colored(Outcome outcome, const std::string& text) const {
    switch (outcome) {
      case Outcome::kPass:
        return style_.Green(text);
      case Outcome::kFail:
        return style_.Red(text);
      case Outcome::kInconclusive:
      case Outcome::kHarnessError:
        return style_.Yellow(text);
    }
    return text;
  }

  std::string Cell(const TestResult& result) const {
    const std::string mark = Mark(result.outcome);
    switch (result.outcome) {
      case Outcome::kPass: {
        const std::string evidence = CellEvidence(result.evidence);
        return evidence.empty() ? mark : mark + " " + evidence;
      }
      case Outcome::kFail:
        return mark + " " +
               (result.finding ? Words(result.finding->kind) : "fails");
      case Outcome::kInconclusive:
      case Outcome::kHarnessError:
        return mark + " " + Words(result.outcome);
    }
    return mark;
  }

  void Lab(const LabReport& lab, int explain) {
    Title(lab);
    if (!lab.tests.empty()) {
      Blank();
      Matrix(lab);
    }
    for (const verdict::Finding& finding : lab.findings) {
      Blank();
      Indented(style_.Bold(
          style_.Red(finding.kind == verdict::FailureKind::kBuildError
                         ? "It does not compile"
                         : "Not allowed here")));
      Explain(finding, lab);
    }
    if (!lab.reason.empty()) {
      Blank();
      Trouble(lab.outcome, "", lab.reason, lab.mend);
    }
    Troubles(lab);
    Failures(lab, explain);
    Blank();
    if (lab.outcome == Outcome::kPass) {
      Indented(style_.Green("Solved") + ": " +
               Count(static_cast<uint64_t>(lab.points), "point") +
               ", every engine agrees.");
    }
    if (!lab.next_step.empty()) {
      Indented("Next: " + style_.Bold(style_.Text(lab.next_step)));
    }
    if (lab.outcome == Outcome::kPass || !lab.next_step.empty()) Blank();
  }

  void Title(const LabReport& lab) {
    std::string left = style_.Text(lab.name);
    const std::string title = style_.Text(lab.title);
    if (!title.empty()) left += (options_.unicode ? " – " : " - ") + title;
    const std::string right =
        std::to_string(lab.points) + " / " +
        Count(static_cast<uint64_t>(lab.max_points), "point");
    const size_t room = width_ - kIndent - Width(right) - 2;
    left = Pad(Cut(left, room), room);
    Blank();
    Indented(style_.Bold(left) + "  " +
             Colored(lab.outcome, style_.Bold(right)));
  }

  // Test × engine. Columns as wide as their contents; a test's name that would
  // not fit stands on a line of its own.
  void Matrix(const LabReport& lab) {
    const std::vector<Engine> engines = EnginesOf(lab);
    std::vector<std::vector<std::string>> cells;
    std::vector<size_t> widths;
    for (const Engine engine : engines) widths.push_back(Name(engine).size());
    size_t points = 6;
    size_t names = 4;
    for (const TestReport& test : lab.tests) {
      std::vector<std::string>& row = cells.emplace_back(engines.size());
      for (size_t e = 0; e < engines.size(); ++e) {
        row[e] = lab.findings.empty() && !test.results.empty() ? "–" : "";
        if (const TestResult* result = Find(test, engines[e])) {
          row[e] = Cell(*result);
        }
        widths[e] = std::max(widths[e], Width(row[e]));
      }
      points = std::max(points, Points(test.points, test.max_points).size());
      names = std::max(names, Width(style_.Text(test.name)));
    }
    size_t right = points;
    for (const size_t w : widths) right += 2 + w;
    const size_t room =
        width_ - kIndent > right + 2 ? width_ - kIndent - right - 2 : 8;
    const bool apart = names > room && room < 24;
    const size_t name_width =
        apart ? std::min<size_t>(room, 8) : std::min(names, room);

    const auto row = [&](const std::string& name, const std::string& score,
                         auto cell) {
      std::string line =
          name + "  " + std::string(points - score.size(), ' ') + score;
      for (size_t e = 0; e < engines.size(); ++e) line += "  " + cell(e);
      Indented(line);
    };
    row(Pad("", name_width), "points", [&](size_t e) {
      return style_.Bold(Pad(std::string(Name(engines[e])), widths[e]));
    });
    for (size_t t = 0; t < lab.tests.size(); ++t) {
      const TestReport& test = lab.tests[t];
      std::string name = style_.Text(test.name);
      if (apart) {
        Indented(Cut(name, width_ - kIndent));
        name.clear();
      }
      row(Pad(Cut(name, name_width), name_width),
          Points(test.points, test.max_points), [&](size_t e) {
            const TestResult* result = Find(test, engines[e]);
            const std::string text = Pad(cells[t][e], widths[e]);
            return result == nullptr ? style_.Dim(text)
                                     : Colored(result->outcome, text);
          });
    }
    Legend(lab);
  }

  static const TestResult* Find(const TestReport& test, Engine engine) {
    for (const TestResult& result : test.results) {
      if (result.engine == engine) return &result;
    }
    return nullptr;
  }

  // What the evidence in the cells is worth.
  void Legend(const LabReport& lab) {
    bool all = false;
    bool sampled = false;
    bool rounds = false;
    std::vector<std::string> limits;
    for (const TestReport& test : lab.tests) {
      for (const TestResult& result : test.results) {
        if (result.outcome != Outcome::kPass) continue;
        const auto strength = result.evidence.strength;
        all |= strength == Evidence::Strength::kExhausted &&
               result.evidence.executions > 1;
        sampled |= strength == Evidence::Strength::kSampled;
        rounds |= strength == Evidence::Strength::kRounds;
        for (const std::string& limit : result.evidence.limits) {
          if (std::find(limits.begin(), limits.end(), limit) == limits.end()) {
            limits.push_back(limit);
          }
        }
      }
    }
    std::string legend;
    const auto add = [&](bool wanted, const char* text) {
      if (wanted) legend += (legend.empty() ? "" : "; ") + std::string(text);
    };
    add(all, "all N: every one of the N possible executions");
    std::string within;
    for (const std::string& limit : limits) {
      within += (within.empty() ? "*: within limits – " : "; ") + limit;
    }
    add(!within.empty(), within.c_str());
    add(sampled, "sampled: some of them, chosen to be telling");
    add(rounds, "rounds: real runs, which may miss a bug");
    if (legend.empty()) return;
    Blank();
    for (const std::string& line : Wrap(legend, width_ - kIndent)) {
      Indented(style_.Dim(line));
    }
  }

  void Trouble(Outcome outcome, const std::string& what,
               const std::string& reason, const std::string& mend) {
    Paragraph((what.empty() ? "" : what + ": ") + Words(outcome) + ". " +
              reason);
    if (!mend.empty()) Paragraph("What helps: " + mend);
  }

  // What could not be judged: once per reason.
  void Troubles(const LabReport& lab) {
    std::vector<std::string> told;
    for (const TestReport& test : lab.tests) {
      for (const TestResult& result : test.results) {
        if (result.outcome != Outcome::kInconclusive &&
            result.outcome != Outcome::kHarnessError) {
          continue;
        }
        if (result.reason == lab.reason ||
            std::find(told.begin(), told.end(), result.reason) != told.end()) {
          continue;
        }
        told.push_back(result.reason);
        Blank();
        Trouble(result.outcome,
                test.name + " (" + std::string(Name(result.engine)) + ")",
                result.reason, result.mend);
      }
    }
  }

  void Explain(const verdict::Finding& finding, const LabReport& lab) {
    for (const std::string& line :
         FindingText(finding, lab, width_ - kIndent, style_)) {
      Indented(line);
    }
  }

  void Failures(const LabReport& lab, int explain) {
    std::vector<const TestReport*> named;
    for (const TestReport& test : lab.tests) {
      const TestResult* witness = BestWitness(test);
      if (witness == nullptr) continue;
      if (explain-- <= 0) {
        named.push_back(&test);
        continue;
      }
      Blank();
      Indented(style_.Bold(style_.Text(test.name) + ": " +
                           Words(witness->finding->kind)));
      Explain(*witness->finding, lab);
      Blank();
      for (const TestResult& result : test.results) {
        if (&result != witness && result.outcome == Outcome::kFail) {
          Also(result, witness->finding->kind);
        }
      }
      if (!test.misconception.empty()) {
        Blank();
        Paragraph(test.misconception);
      }
      if (!test.replay_command.empty()) {
        Blank();
        Indented("Replay it: " + style_.Text(test.replay_command));
      }
    }
    if (named.empty()) return;
    Blank();
    std::string also = "Also failing:";
    for (const TestReport* test : named) {
      also += (test == named.front() ? " " : ", ") + test->name;
    }
    Paragraph(also + ".");
  }

  // Another engine's word on the same test, in a line.
  void Also(const TestResult& result, verdict::FailureKind known) {
    if (!result.finding) return;
    const verdict::Finding& finding = *result.finding;
    std::string text = std::string(Name(result.engine)) +
                       " sees it too: " + Words(finding.kind);
    const std::string place = ShortPlace(finding.where);
    if (!place.empty()) text += " at " + place;
    const std::vector<std::string> message = Lines(finding.message, 1);
    if (finding.kind != known && !message.empty()) {
      text += " (" + message.front() + ")";
    }
    Paragraph(text);
  }

  void Totals() {
    Blank();
    if (run_.labs.empty()) {
      Indented("No lab was judged.");
      return;
    }
    Indented(Pad("Total", width_ - kIndent - 24) +
             Colored(run_.outcome,
                     style_.Bold(std::to_string(run_.points) + " / " +
                                 Count(static_cast<uint64_t>(run_.max_points),
                                       "point"))));
    Blank();
  }

  const RunReport& run_;
  const TerminalOptions& options_;
  const size_t width_;
  const Style style_;
  std::string text_;
};

// What a report drew itself, once its layout is done.
std::string Finish(std::string text, const TerminalOptions& options) {
  text = NoCommands(text);
  if (options.unicode) return text;
  // "…" marks a cut and must stay one column wide.
  for (size_t at; (at = text.find("…")) != text.npos;) {
    text.replace(at, std::string_view("…").size(), "~");
  }
  return Ascii(text);
}

}  // namespace

TerminalOptions TerminalOptionsFor(int fd) {
  TerminalOptions options;
  const bool terminal = isatty(fd) == 1;
  winsize size = {};
  if (terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    options.width = size.ws_col;
  }
  if (const char* columns = std::getenv("COLUMNS")) {
    const int value = std::atoi(columns);
    if (value > 0) options.width = value;
  }
  const char* term = std::getenv("TERM");
  const char* no_color = std::getenv("NO_COLOR");
  options.color = terminal && (no_color == nullptr || *no_color == '\0') &&
                  (term == nullptr || std::string_view(term) != "dumb");
  // The first that is set decides [locale(7)]. Without any, today's terminals
  // and log viewers read UTF-8; "C" and "POSIX" ask for ASCII.
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale = value;
    options.unicode = locale.find("UTF-8") != locale.npos ||
                      locale.find("utf8") != locale.npos ||
                      locale.find("UTF8") != locale.npos ||
                      locale.find("utf-8") != locale.npos;
    break;
  }
  return options;
}

std::string Terminal(const RunReport& run, const TerminalOptions& options) {
  return Finish(Report(run, options).Write(), options);
}

std::string TerminalFinding(const verdict::Finding& finding,
                            const LabReport& lab,
                            const TerminalOptions& options) {
  const Style style{.color = options.color, .unicode = options.unicode};
  std::string text;
  for (const std::string& line : FindingText(
           finding, lab,
           static_cast<size_t>(std::clamp(options.width, 40, 200)), style)) {
    text += line + "\n";
  }
  return Finish(std::move(text), options);
}

}  // namespace racelab::report
