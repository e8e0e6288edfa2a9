#include "cli/matrix.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "cli/progress.h"
#include "manifest/text.h"

namespace racelab::cli {
namespace {

using manifest::Append;
using manifest::Cat;
using verdict::Engine;
using verdict::Evidence;
using verdict::Outcome;

std::string Seconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f s", seconds);
  return text;
}

// "caught (data-race), 12, 0.03 s"; "exhausted, 124, 0.01 s".
std::string CellText(const MatrixCell& cell) {
  std::string text;
  if (cell.caught > 0) {
    text = "caught";
    if (cell.runs > 1) Append(text, " ", cell.caught, "/", cell.runs);
    Append(text, " (", manifest::Join(cell.kinds, ", "), ")");
  } else if (cell.undecided > 0) {
    text = "undecided";
    if (cell.runs > 1) Append(text, " ", cell.undecided, "/", cell.runs);
  } else {
    text = cell.strength;
    if (cell.runs > 1) Append(text, " ", cell.runs, "/", cell.runs);
  }
  if (cell.executions > 0) Append(text, ", ", WithCommas(cell.executions));
  Append(text, ", ", Seconds(cell.seconds));
  return text;
}

std::string CellOf(const MatrixRow& row, Engine engine) {
  const auto cell = row.cells.find(engine);
  return cell == row.cells.end() ? "–" : CellText(cell->second);
}

// Characters of UTF-8 text.
size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
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

}  // namespace

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
  std::string out;
  for (const MatrixLab& lab : labs) {
    std::vector<size_t> widths = {Width("answer")};
    for (Engine engine : lab.engines) widths.push_back(Name(engine).size());
    for (const MatrixRow& row : lab.rows) {
      widths[0] = std::max(widths[0], Width(row.answer));
      for (size_t i = 0; i < lab.engines.size(); ++i) {
        widths[i + 1] =
            std::max(widths[i + 1], Width(CellOf(row, lab.engines[i])));
      }
    }
    const auto put = [&](std::string_view text, size_t column) {
      Append(out, text);
      if (column + 1 < widths.size()) {
        out.append(widths[column] - Width(text) + 2, ' ');
      }
    };
    Append(out, lab.module, "/", lab.name, "\n");
    put("answer", 0);
    for (size_t i = 0; i < lab.engines.size(); ++i) {
      put(Name(lab.engines[i]), i + 1);
    }
    out += "\n";
    for (const MatrixRow& row : lab.rows) {
      put(row.answer, 0);
      for (size_t i = 0; i < lab.engines.size(); ++i) {
        put(CellOf(row, lab.engines[i]), i + 1);
      }
      out += "\n";
    }
    out += "\n";
  }
  return out;
}

std::string MatrixMarkdown(const std::vector<MatrixLab>& labs) {
  std::string out =
      "# Who caught what\n\nEach cell: what the engine said, its executions or "
      "rounds, its time.\n";
  for (const MatrixLab& lab : labs) {
    Append(out, "\n## ", lab.module, "/", lab.name, ": ", lab.title,
           "\n\n| answer |");
    for (Engine engine : lab.engines) Append(out, " ", Name(engine), " |");
    out += "\n|---|";
    for (size_t i = 0; i < lab.engines.size(); ++i) out += "---|";
    out += "\n";
    for (const MatrixRow& row : lab.rows) {
      Append(out, "| ", row.answer, " |");
      for (Engine engine : lab.engines) {
        Append(out, " ", CellOf(row, engine), " |");
      }
      out += "\n";
    }
  }
  return out;
}

std::string MatrixHtml(const std::vector<MatrixLab>& labs) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<title>Who caught what</title>\n<style>\n"
      "body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; }\n"
      "table { border-collapse: collapse; }\n"
      "th, td { border: 1px solid #bbb; padding: .2em .6em; text-align: left; "
      "}\n.caught { background: #fde2e2; }\n.passed { background: #e3f5e3; }\n"
      ".undecided { background: #fff3cd; }\n</style></head><body>\n"
      "<h1>Who caught what</h1>\n"
      "<p>Each cell: what the engine said, its executions or rounds, its "
      "time.</p>\n";
  for (const MatrixLab& lab : labs) {
    Append(out, "<h2>", Html(Cat(lab.module, "/", lab.name, ": ", lab.title)),
           "</h2>\n<table>\n<tr><th>answer</th>");
    for (Engine engine : lab.engines) {
      Append(out, "<th>", Name(engine), "</th>");
    }
    out += "</tr>\n";
    for (const MatrixRow& row : lab.rows) {
      Append(out, "<tr><td>", Html(row.answer), "</td>");
      for (Engine engine : lab.engines) {
        const auto cell = row.cells.find(engine);
        const char* shade = cell == row.cells.end()      ? ""
                            : cell->second.caught > 0    ? "caught"
                            : cell->second.undecided > 0 ? "undecided"
                                                         : "passed";
        Append(out, "<td class=\"", shade, "\">", Html(CellOf(row, engine)),
               "</td>");
      }
      out += "</tr>\n";
    }
    out += "</table>\n";
  }
  return out + "</body></html>\n";
}

}  // namespace racelab::cli
