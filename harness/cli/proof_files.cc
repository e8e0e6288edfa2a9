// CheckFiles: what can be seen of a lab without running it.

#include <algorithm>
#include <regex>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli/files.h"
#include "cli/proof.h"
#include "manifest/text.h"

namespace racelab::cli {
namespace {

namespace fs = std::filesystem;
using manifest::Append;
using manifest::Cat;
using manifest::Lab;

constexpr size_t kHints = 3;
constexpr size_t kRejected = 4;
constexpr size_t kAccepted = 2;
constexpr size_t kTelling = 15;

std::string Shown(const fs::path& root, const fs::path& path) {
  return path.lexically_relative(root).string();
}

void Add(std::vector<Problem>& problems, std::string where, std::string what) {
  Problem problem;
  problem.where = std::move(where);
  problem.what = std::move(what);
  problems.push_back(std::move(problem));
}

// Blanks at the ends removed, others reduced to one space.
std::string Normalized(std::string_view line) {
  std::string out;
  for (char c : line) {
    if (c == ' ' || c == '\t' || c == '\r') {
      if (!out.empty() && out.back() != ' ') out.push_back(' ');
    } else {
      out.push_back(c);
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

void CheckStray(const fs::path& root, const fs::path& folder,
                const std::set<std::string>& allowed,
                std::vector<Problem>& problems) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (allowed.contains(name)) continue;
    Add(problems, Shown(root, entry.path()),
        Cat("a stray file: here belong only ", manifest::Join(allowed, ", "),
            "; move or delete it"));
  }
}

void CheckPresent(const fs::path& root, const fs::path& file,
                  std::string_view why, std::vector<Problem>& problems) {
  const auto text = ReadWhole(file);
  if (!text.ok()) {
    Add(problems, Shown(root, file), Cat("is missing: ", why));
  } else if (text->find("TO BE WRITTEN") != std::string::npos) {
    Add(problems, Shown(root, file), Cat("is still to write: ", why));
  }
}

// TEST and CONCURRENT_TEST in scenario.cc against [[tests]].
void CheckTests(const fs::path& root, const Lab& lab,
                std::vector<Problem>& problems) {
  const auto text = ReadWhole(lab.directory / "scenario.cc");
  if (!text.ok()) return;
  static const std::regex* const kTest = new std::regex(
      R"((?:^|\n)\s*(?:CONCURRENT_)?TEST\(\s*(\w+)\s*,\s*(\w+)\s*\))");
  std::set<std::string> written;
  for (std::sregex_iterator it(text->begin(), text->end(), *kTest), end;
       it != end; ++it) {
    written.insert(Cat((*it)[1].str(), ".", (*it)[2].str()));
  }
  const std::string shown = Shown(root, lab.directory / "scenario.cc");
  for (const manifest::Test& test : lab.tests) {
    if (!written.contains(test.name)) {
      Add(problems, shown,
          Cat("has no test ", test.name, ", which lab.toml:", test.line,
              " gives points for"));
    }
    written.erase(test.name);
  }
  for (const std::string& name : written) {
    Add(problems, shown,
        Cat("test ", name, " earns nothing: lab.toml has no [[tests]] for it"));
  }
}

void CheckHints(const fs::path& root, const Lab& lab,
                const std::vector<std::string>& telling,
                std::vector<Problem>& problems) {
  const std::string shown = Shown(root, lab.directory / "hints.md");
  const auto hints = manifest::LoadHints(lab);
  if (!hints.ok()) return Add(problems, shown, "cannot be read");
  if (hints->size() < kHints) {
    Add(problems, shown,
        Cat("has ", hints->size(),
            " hints (sections that begin with \"## \"); "
            "it takes ",
            kHints, ", from a question to nearly the answer"));
  }
  for (const std::string& hint : *hints) {
    std::string flat;
    for (std::string_view line : manifest::Split(hint, '\n')) {
      Append(flat, Normalized(line), "\n");
    }
    for (const std::string& line : telling) {
      if (flat.find(line) != std::string::npos) {
        Add(problems, shown,
            Cat("a hint gives the answer's text: \"", line, "\""));
      }
    }
  }
}

// Nothing that students get names the answers.
void CheckNamesNoAnswers(const fs::path& root, const Lab& lab,
                         std::vector<Problem>& problems) {
  std::error_code error;
  for (const auto& entry :
       fs::recursive_directory_iterator(lab.directory, error)) {
    if (!entry.is_regular_file(error)) continue;
    const auto text = ReadWhole(entry.path());
    if (text.ok() && text->find("solutions/") != std::string::npos) {
      Add(problems, Shown(root, entry.path()),
          "names solutions/: students get this file");
    }
  }
}

}  // namespace

std::vector<std::string> TellingLines(const manifest::Files& starter,
                                      const manifest::Files& solution) {
  std::set<std::string> known;
  for (const auto& [name, content] : starter) {
    for (std::string_view line : manifest::Split(content, '\n')) {
      known.insert(Normalized(line));
    }
  }
  std::set<std::string> telling;
  for (const auto& [name, content] : solution) {
    for (std::string_view raw : manifest::Split(content, '\n')) {
      std::string line = Normalized(raw);
      if (line.size() < kTelling || known.contains(line)) continue;
      if (line.starts_with("#include") || line.starts_with("//")) continue;
      telling.insert(std::move(line));
    }
  }
  return {telling.begin(), telling.end()};
}

std::vector<Problem> CheckFiles(const fs::path& root, const Lab& lab,
                                const manifest::Solutions& solutions) {
  std::vector<Problem> problems;
  CheckPresent(root, lab.directory / "lab.toml", "what it teaches", problems);
  CheckPresent(root, lab.directory / "README.md",
               "the story, the task, the command, when it is done", problems);
  CheckPresent(root, lab.directory / "scenario.cc", "the tests", problems);
  CheckPresent(root, lab.directory / "hints.md", "the hints", problems);
  CheckStray(root, lab.directory,
             {"README.md", "lab.toml", "student", "scenario.cc", "hints.md"},
             problems);
  CheckTests(root, lab, problems);
  CheckNamesNoAnswers(root, lab, problems);

  const auto starter = manifest::TakeStarter(lab);
  if (!starter.ok()) {
    Add(problems, lab.name, std::string(starter.status().message()));
    return problems;
  }
  const bool has_todo =
      std::any_of(starter->begin(), starter->end(), [](const auto& file) {
        return file.second.find("TODO") != std::string::npos;
      });
  if (!has_todo) {
    Add(problems, Shown(root, lab.directory / "student"),
        "no editable file has a TODO where the student begins");
  }
  if (!solutions.exists) {
    Add(problems, Shown(root, solutions.directory),
        "does not exist: a lab is proved by its solution and by answers that "
        "must be rejected and accepted");
    return problems;
  }
  CheckPresent(root, solutions.directory / "WHY.md",
               "why the solution is right, what each order publishes, what it "
               "costs, what else was possible",
               problems);
  for (const std::string& name : lab.editable) {
    CheckPresent(root, solutions.directory / "student" / name,
                 "a solution holds every editable file, the starter's where it "
                 "changes nothing, so that it can be handed in as it is",
                 problems);
  }
  CheckStray(root, solutions.directory,
             {"student", "WHY.md", "rejected", "accepted"}, problems);
  if (solutions.rejected.size() < kRejected) {
    Add(problems, Shown(root, solutions.directory / "rejected"),
        Cat("has ", solutions.rejected.size(), " answers; it takes ", kRejected,
            " wrong ones that people really give"));
  }
  if (solutions.accepted.size() < kAccepted) {
    Add(problems, Shown(root, solutions.directory / "accepted"),
        Cat("has ", solutions.accepted.size(), " answers; it takes ", kAccepted,
            " right ones that differ from the solution"));
  }
  std::vector<std::string> telling;
  const auto solution =
      manifest::TakeAnswer(lab, *starter, solutions.directory / "student");
  if (solution.ok()) telling = TellingLines(*starter, *solution);
  CheckHints(root, lab, telling, problems);
  return problems;
}

}  // namespace racelab::cli
