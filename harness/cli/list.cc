// racelab list: every lab, by module, with its state.

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "cli/commands.h"
#include "cli/state.h"
#include "manifest/text.h"
#include "report/terminal.h"
#include "scoring/scoring.h"

namespace racelab::cli {
namespace {

using manifest::Cat;
using verdict::Outcome;

struct Row {
  manifest::Lab lab;
  std::string mark;
  std::string state;
};

Row MakeRow(const Context& context, const manifest::Lab& lab) {
  Row row{lab, " ", "not checked"};
  const LabState state = LoadState(context, lab.module, lab.name);
  if (!state.last_check.has_value()) return row;
  const LastCheck& check = *state.last_check;
  row.state = Cat(check.points, " of ", check.max_points);
  switch (check.outcome) {
    case Outcome::kPass:
      row.mark = "+";
      break;
    case Outcome::kFail:
      row.mark = "-";
      break;
    default:
      row.mark = "?";
      row.state += " so far";
      break;
  }
  const auto files = manifest::TakeStarter(lab);
  if (files.ok() && DigestOf(*files) != check.digest) {
    row.state += ", edited";
  }
  return row;
}

// `text` in lines of at most `width` characters; those after the first begin
// with `indent` blanks.
std::string Wrapped(std::string_view text, size_t width, size_t indent) {
  std::string out;
  size_t at = 0;
  for (std::string_view word : manifest::Split(text, ' ')) {
    if (at > 0 && at + 1 + word.size() > width) {
      out.push_back('\n');
      out.append(indent, ' ');
      at = 0;
    }
    if (at > 0) {
      out.push_back(' ');
      ++at;
    }
    out.append(word);
    at += word.size();
  }
  return out;
}

void Print(const std::vector<Row>& rows, const report::TerminalOptions& term) {
  size_t name_width = 0;
  size_t state_width = 0;
  for (const Row& row : rows) {
    name_width = std::max(name_width, row.lab.name.size());
    state_width = std::max(state_width, row.state.size());
  }
  const size_t indent = 2 + 2 + name_width + 2 + state_width + 2 + 9 + 2;
  const size_t width = static_cast<size_t>(std::max(40, term.width));
  // Where little is left beside the columns, the sentence goes below them.
  const bool below = width < indent + 30;
  for (const Row& row : rows) {
    const char* color = "";
    if (term.color && row.mark == "+") color = "\033[32m";
    if (term.color && row.mark == "-") color = "\033[31m";
    if (term.color && row.mark == "?") color = "\033[33m";
    const std::string teaches =
        below ? Cat("\n      ", Wrapped(row.lab.teaches, width - 6, 6))
              : Wrapped(row.lab.teaches, width - indent, indent);
    std::printf("  %s%s %-*s%s  %-*s  %2d points  %s\n", color,
                row.mark.c_str(), static_cast<int>(name_width),
                row.lab.name.c_str(), *color != 0 ? "\033[0m" : "",
                static_cast<int>(state_width), row.state.c_str(),
                row.lab.max_points(), teaches.c_str());
  }
}

}  // namespace

int List(const Context& context, const manifest::Catalog& catalog) {
  const report::TerminalOptions term = report::TerminalOptionsFor(1);
  int exit_code = scoring::kExitPass;
  size_t labs = 0;
  size_t done = 0;
  for (const manifest::Module& module : catalog.modules()) {
    std::vector<Row> rows;
    for (const manifest::LabFolder& folder : catalog.folders()) {
      if (folder.module != module.name) continue;
      const auto lab = manifest::LoadLab(catalog.root(), folder.directory);
      if (!lab.ok()) {
        exit_code = Fail(lab.status(), scoring::kExitUsage);
        continue;
      }
      rows.push_back(MakeRow(context, *lab));
      done += rows.back().mark == "+" ? 1 : 0;
    }
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
      return std::tie(a.lab.order, a.lab.name) <
             std::tie(b.lab.order, b.lab.name);
    });
    labs += rows.size();
    std::printf("%s%s%s%s\n", labs == rows.size() ? "" : "\n",
                term.color ? "\033[1m" : "", module.title.c_str(),
                term.color ? "\033[0m" : "");
    Print(rows, term);
  }
  std::printf(
      "\n%zu of %zu labs pass (+ passes, - fails, ? not decided, at its last "
      "check).\nTo begin: read labs/<module>/<lab>/README.md, then `./racelab "
      "check <lab>`.\n",
      done, labs);
  return exit_code;
}

}  // namespace racelab::cli
