#include "cli/matrix.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <string_view>
#include <utility>

#include "cli/progress.h"
#include "manifest/text.h"

namespace racelab::cli {
namespace {

using manifest::Append;
using manifest::Cat;
using verdict::Engine;
using verdict::Evidence;
using verdict::Outcome;

constexpr std::string_view kTitle = "Who caught what";

constexpr std::string_view kWrongAnswers =
    "Of each lab's wrong answers, its starter among them, how many each engine "
    "caught.";

// `mark`: how a form marks a cell whose engine is declared.
std::string Legend(std::string_view mark) {
  return Cat(
      "Each cell: what the engine found; after how many executions (model), "
      "runs (tsan, process) or rounds (stress) of all its tests together; how "
      "long that took. ",
      mark,
      ": the engine that lab.toml or expect.toml names, which must catch the "
      "answer. Last: in how many runs, each with another seed, the answer was "
      "judged as declared, with modules of each compiler.");
}

// What a cell says of the lab.
enum class Mood {
  kNothing,    // the engine did not run, or did not catch what it need not
  kCaught,     // a wrong answer
  kPassed,     // a right answer
  kUndecided,  // neither
  kAmiss,      // a wrong answer that survives, or a right one that fails
};

struct Shown {
  std::string verdict;
  std::string evidence;  // may be empty
  Mood mood = Mood::kNothing;
  bool declared = false;
};

bool IsWrong(const MatrixRow& row) {
  return row.kind == AnswerKind::kStarter || row.kind == AnswerKind::kRejected;
}

bool Declares(const MatrixRow& row, Engine engine) {
  return std::find(row.declared.begin(), row.declared.end(), engine) !=
         row.declared.end();
}

std::string EvidenceText(Engine engine, const MatrixCell& cell) {
  if (engine == Engine::kStatic) return "";  // reading takes no time to tell
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.2f s", cell.seconds);
  if (cell.executions == 0) return seconds;
  const std::string_view unit = engine == Engine::kModel    ? "execution"
                                : engine == Engine::kStress ? "round"
                                                            : "run";
  return Cat(WithCommas(cell.executions), " ", unit,
             cell.executions == 1 ? ", " : "s, ", seconds);
}

Shown Show(const MatrixRow& row, Engine engine) {
  Shown shown;
  shown.declared = Declares(row, engine);
  const auto found = row.cells.find(engine);
  if (found == row.cells.end()) {
    shown.verdict = "–";
    return shown;
  }
  const MatrixCell& cell = found->second;
  shown.evidence = EvidenceText(engine, cell);
  const auto of_runs = [&](int part) {
    return cell.runs > 1 ? Cat(" ", part, "/", cell.runs) : std::string();
  };
  if (cell.caught > 0) {
    const bool always = cell.caught == cell.runs;
    shown.verdict = Cat(IsWrong(row) ? "caught" : "FAILS", of_runs(cell.caught),
                        " (", manifest::Join(cell.kinds, ", "), ")");
    shown.mood = !IsWrong(row) || (shown.declared && !always) ? Mood::kAmiss
                                                              : Mood::kCaught;
  } else if (cell.undecided > 0) {
    shown.verdict = Cat("undecided", of_runs(cell.undecided));
    shown.mood = Mood::kUndecided;
  } else if (!IsWrong(row)) {
    // What the strength adds: "exhausted" is a proof, "passes" is not.
    const bool says_more =
        cell.strength == Name(Evidence::Strength::kExhausted) ||
        cell.strength == Name(Evidence::Strength::kSampled);
    shown.verdict =
        Cat(says_more ? cell.strength : "passes", of_runs(cell.runs));
    shown.mood = Mood::kPassed;
  } else if (shown.declared) {
    shown.verdict = Cat("SURVIVES", of_runs(cell.runs));
    shown.mood = Mood::kAmiss;
  } else {
    shown.verdict = "not caught";
  }
  return shown;
}

// The head of a lab's table.
std::vector<std::string> Header(const MatrixLab& lab) {
  std::vector<std::string> header = {"answer"};
  for (Engine engine : lab.engines) header.emplace_back(Name(engine));
  header.emplace_back("proved");
  return header;
}

// "100 × clang-19, 100 × gcc-12".
std::string ProofsText(const MatrixRow& row) {
  std::vector<std::string> parts;
  for (const auto& [compiler, runs] : row.proofs) {
    if (runs > 0) {
      parts.push_back(Cat(WithCommas(static_cast<uint64_t>(runs)), " × ",
                          build::Name(compiler)));
    }
  }
  return parts.empty() ? "–" : manifest::Join(parts, ", ");
}

// The labs' table: its header and its rows, the last one the sum.
std::vector<std::vector<std::string>> Summary(
    const std::vector<MatrixLab>& labs) {
  std::set<Engine> engines;
  for (const MatrixLab& lab : labs) {
    engines.insert(lab.engines.begin(), lab.engines.end());
  }
  std::vector<std::vector<std::string>> table = {{"lab", "wrong answers"}};
  for (Engine engine : engines) table[0].emplace_back(Name(engine));
  size_t all_wrong = 0;
  std::map<Engine, size_t> all_caught;
  for (const MatrixLab& lab : labs) {
    size_t wrong = 0;
    std::map<Engine, size_t> caught;
    for (const MatrixRow& row : lab.rows) {
      if (!IsWrong(row)) continue;
      ++wrong;
      for (const auto& [engine, cell] : row.cells) {
        caught[engine] += cell.caught > 0 ? 1 : 0;
      }
    }
    table.push_back({Cat(lab.module, "/", lab.name), Cat(wrong)});
    for (Engine engine : engines) {
      const bool ran = std::find(lab.engines.begin(), lab.engines.end(),
                                 engine) != lab.engines.end();
      table.back().push_back(ran ? Cat(caught[engine]) : "–");
      all_caught[engine] += caught[engine];
    }
    all_wrong += wrong;
  }
  if (labs.size() > 1) {
    table.push_back({"together", Cat(all_wrong)});
    for (Engine engine : engines) {
      table.back().push_back(Cat(all_caught[engine]));
    }
  }
  return table;
}

// Characters of UTF-8 text.
size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void AppendAligned(const std::vector<std::vector<std::string>>& table,
                   std::string& out) {
  std::vector<size_t> widths(table[0].size());
  for (const auto& row : table) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], Width(row[i]));
    }
  }
  for (const auto& row : table) {
    for (size_t i = 0; i < row.size(); ++i) {
      Append(out, row[i]);
      if (i + 1 < row.size()) {
        out.append(widths[i] - Width(row[i]) + 2, ' ');
      }
    }
    out += "\n";
  }
}

// A cell's text between the bars of a Markdown table.
std::string Markdown(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|' || c == '<' || c == '*' || c == '_') out += '\\';
    out += c;
  }
  return out;
}

void AppendMarkdownRow(const std::vector<std::string>& cells,
                       std::string& out) {
  out += "|";
  for (const std::string& cell : cells) Append(out, " ", cell, " |");
  out += "\n";
}

std::string Html(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

void AppendHtmlRow(const std::vector<std::string>& cells, std::string_view tag,
                   std::string& out) {
  out += "<tr>";
  for (const std::string& cell : cells) {
    Append(out, "<", tag, ">", Html(cell), "</", tag, ">");
  }
  out += "</tr>\n";
}

std::string_view ClassOf(Mood mood) {
  switch (mood) {
    case Mood::kNothing:
      return "nothing";
    case Mood::kCaught:
      return "caught";
    case Mood::kPassed:
      return "passed";
    case Mood::kUndecided:
      return "undecided";
    case Mood::kAmiss:
      return "amiss";
  }
  return "nothing";
}

constexpr std::string_view kStyle = R"(
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em; color: #222; }
table { border-collapse: collapse; margin: .8em 0; }
th, td { border: 1px solid #bbb; padding: .25em .6em; text-align: left;
         vertical-align: top; }
th { background: #f3f3f3; }
td small { display: block; color: #555; white-space: nowrap; }
.nothing { color: #777; }
.caught { background: #fdebc8; }
.passed { background: #e3f5e3; }
.undecided { background: #fff; font-style: italic; }
.amiss { background: #f5b7b7; font-weight: bold; }
.key td { border: 0; }
)";

constexpr std::string_view kHtmlKey =
    "<table class=\"key\"><tr><td class=\"caught\">a wrong answer, caught</td>"
    "<td class=\"passed\">a right answer passes</td>"
    "<td class=\"undecided\">not decided</td>"
    "<td class=\"amiss\">a wrong answer survives, or a right one fails</td>"
    "</tr></table>\n";

}  // namespace

MatrixRow RowFor(const manifest::Lab& lab, const Answer& answer) {
  MatrixRow row;
  row.answer = answer.name;
  row.kind = answer.kind;
  if (answer.kind == AnswerKind::kRejected) {
    row.declared = answer.rejected.engines;
  } else if (answer.kind == AnswerKind::kStarter) {
    for (const manifest::ExpectedFailure& failure : lab.starter_fails) {
      if (!Declares(row, failure.engine)) {
        row.declared.push_back(failure.engine);
      }
    }
  }
  return row;
}

void AddRun(const AnswerRun& run, MatrixRow& row) {
  struct Seen {
    bool failed = false;
    bool undecided = false;
  };
  std::map<Engine, Seen> seen;
  const auto add_kind = [](MatrixCell& cell, verdict::FailureKind kind) {
    const std::string name(verdict::Name(kind));
    if (std::find(cell.kinds.begin(), cell.kinds.end(), name) ==
        cell.kinds.end()) {
      cell.kinds.push_back(name);
    }
  };
  MatrixCell& reading = row.cells[Engine::kStatic];
  reading.strength = std::string(Name(Evidence::Strength::kChecked));
  for (const verdict::Finding& finding : run.findings) {
    add_kind(reading, finding.kind);
    seen[Engine::kStatic].failed = true;
  }
  seen[Engine::kStatic];
  for (const verdict::TestResult& result : run.results) {
    MatrixCell& cell = row.cells[result.engine];
    Seen& now = seen[result.engine];
    cell.executions += result.evidence.executions;
    cell.seconds += result.evidence.seconds;
    if (result.outcome == Outcome::kFail && result.finding.has_value()) {
      now.failed = true;
      add_kind(cell, result.finding->kind);
    } else if (result.outcome != Outcome::kPass) {
      now.undecided = true;
    } else {
      const std::string strength(Name(result.evidence.strength));
      // Sampled is weaker than exhausted, whatever a test beside it reached.
      if (cell.strength.empty() ||
          result.evidence.strength == Evidence::Strength::kSampled ||
          (cell.strength == Name(Evidence::Strength::kChecked) &&
           result.evidence.strength != Evidence::Strength::kChecked)) {
        cell.strength = strength;
      }
    }
  }
  for (const auto& [engine, what] : seen) {
    MatrixCell& cell = row.cells[engine];
    ++cell.runs;
    cell.caught += what.failed ? 1 : 0;
    cell.undecided += !what.failed && what.undecided ? 1 : 0;
  }
}

std::string MatrixText(const std::vector<MatrixLab>& labs) {
  std::string out = Cat(kTitle, "\n\n", kWrongAnswers, "\n\n");
  AppendAligned(Summary(labs), out);
  Append(out, "\n", Legend("*"), "\n\n");
  for (const MatrixLab& lab : labs) {
    Append(out, lab.module, "/", lab.name, "\n");
    std::vector<std::vector<std::string>> table = {Header(lab)};
    for (const MatrixRow& row : lab.rows) {
      table.push_back({row.answer});
      for (Engine engine : lab.engines) {
        const Shown shown = Show(row, engine);
        table.back().push_back(Cat(shown.declared ? "*" : "", shown.verdict,
                                   shown.evidence.empty() ? "" : ": ",
                                   shown.evidence));
      }
      table.back().push_back(ProofsText(row));
    }
    AppendAligned(table, out);
    out += "\n";
  }
  return out;
}

std::string MatrixMarkdown(const std::vector<MatrixLab>& labs) {
  const auto put_table = [](const std::vector<std::vector<std::string>>& table,
                            std::string& out) {
    AppendMarkdownRow(table[0], out);
    out += "|";
    for (size_t i = 0; i < table[0].size(); ++i) out += "---|";
    out += "\n";
    for (size_t i = 1; i < table.size(); ++i) AppendMarkdownRow(table[i], out);
  };
  std::string out = Cat("# ", kTitle, "\n\n", kWrongAnswers, "\n\n");
  put_table(Summary(labs), out);
  Append(out, "\n", Legend("Bold"), "\n");
  for (const MatrixLab& lab : labs) {
    Append(out, "\n## ", lab.module, "/", lab.name, ": ", Markdown(lab.title),
           "\n\n");
    std::vector<std::vector<std::string>> table = {Header(lab)};
    for (const MatrixRow& row : lab.rows) {
      table.push_back({Cat("`", row.answer, "`")});
      for (Engine engine : lab.engines) {
        const Shown shown = Show(row, engine);
        std::string text = Markdown(shown.verdict);
        if (shown.declared) text = Cat("**", text, "**");
        if (!shown.evidence.empty()) Append(text, ": ", shown.evidence);
        table.back().push_back(std::move(text));
      }
      table.back().push_back(ProofsText(row));
    }
    put_table(table, out);
  }
  return out;
}

std::string MatrixHtml(const std::vector<MatrixLab>& labs) {
  std::string out =
      Cat("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
          "<title>",
          kTitle, "</title>\n<style>", kStyle, "</style></head><body>\n<h1>",
          kTitle, "</h1>\n<p>", Html(kWrongAnswers), "</p>\n<table>\n");
  const auto summary = Summary(labs);
  AppendHtmlRow(summary[0], "th", out);
  for (size_t i = 1; i < summary.size(); ++i) {
    AppendHtmlRow(summary[i], "td", out);
  }
  Append(out, "</table>\n<p>", Html(Legend("Underlined")), "</p>\n", kHtmlKey);
  for (const MatrixLab& lab : labs) {
    Append(out, "<h2>", Html(Cat(lab.module, "/", lab.name, ": ", lab.title)),
           "</h2>\n<table>\n");
    AppendHtmlRow(Header(lab), "th", out);
    for (const MatrixRow& row : lab.rows) {
      Append(out, "<tr><td>", Html(row.answer), "</td>");
      for (Engine engine : lab.engines) {
        const Shown shown = Show(row, engine);
        const std::string verdict = Html(shown.verdict);
        Append(out, "<td class=\"", ClassOf(shown.mood), "\">",
               shown.declared ? Cat("<u>", verdict, "</u>") : verdict);
        if (!shown.evidence.empty()) {
          Append(out, "<small>", Html(shown.evidence), "</small>");
        }
        out += "</td>";
      }
      Append(out, "<td>", Html(ProofsText(row)), "</td></tr>\n");
    }
    out += "</table>\n";
  }
  return out + "</body></html>\n";
}

}  // namespace racelab::cli
