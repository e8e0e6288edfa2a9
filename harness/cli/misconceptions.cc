#include "cli/misconceptions.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <set>
#include <tuple>
#include <utility>

#include "cli/state.h"
#include "manifest/text.h"

namespace racelab::cli {
namespace {

using manifest::Files;

// Below this, two changes have no more in common than any two repairs.
constexpr double kAlike = 0.6;
// What it is worth that an answer names the test that failed.
constexpr double kSameTest = 0.1;

bool IsWordChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// The tokens of C++ text, comments left out. A string is one token.
std::vector<std::string> Tokens(std::string_view text) {
  std::vector<std::string> tokens;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++i;
    } else if (text.substr(i, 2) == "//") {
      i = std::min(text.find('\n', i), text.size());
    } else if (text.substr(i, 2) == "/*") {
      const size_t end = text.find("*/", i + 2);
      i = end == std::string_view::npos ? text.size() : end + 2;
    } else if (c == '"' || c == '\'') {
      size_t end = i + 1;
      while (end < text.size() && text[end] != c && text[end] != '\n') {
        end += text[end] == '\\' ? 2 : 1;
      }
      end = std::min(end + 1, text.size());
      tokens.emplace_back(text.substr(i, end - i));
      i = end;
    } else if (IsWordChar(c)) {
      size_t end = i;
      while (end < text.size() && IsWordChar(text[end])) ++end;
      tokens.emplace_back(text.substr(i, end - i));
      i = end;
    } else {
      tokens.emplace_back(1, c);
      ++i;
    }
  }
  return tokens;
}

std::vector<std::string> AllTokens(const Files& files) {
  std::vector<std::string> tokens;
  for (const auto& [name, content] : files) {
    for (std::string& token : Tokens(content)) {
      tokens.push_back(std::move(token));
    }
    tokens.emplace_back("\f");  // nothing spans two files
  }
  return tokens;
}

// What an answer is made with, of what sentences are about.
std::set<std::string_view> Tools(const Files& files) {
  static constexpr std::string_view kTools[] = {
      "atomic",   "barrier",     "condition_variable", "latch",
      "mutex",    "sem_",        "semaphore",          "sleep_",
      "volatile", "thread_local"};
  std::set<std::string_view> tools;
  for (const std::string& token : AllTokens(files)) {
    for (const std::string_view tool : kTools) {
      if (token.find(tool) != token.npos) tools.insert(tool);
    }
  }
  return tools;
}

// Whether `files` have all that `theirs` brought into the starter. A sentence
// about a semaphore is not for whoever has none.
bool HaveToolsOf(const Files& theirs, const Files& starter,
                 const Files& files) {
  const auto known = Tools(starter);
  const auto own = Tools(files);
  for (const std::string_view tool : Tools(theirs)) {
    if (!known.contains(tool) && !own.contains(tool)) return false;
  }
  return true;
}

// How often each sequence of three tokens occurs; words that are not `common`
// all count as the same.
std::map<std::string, double> Shape(std::vector<std::string> tokens,
                                    const std::set<std::string>& common) {
  for (std::string& token : tokens) {
    if (IsWordChar(token[0]) && !common.contains(token)) token = "$";
  }
  std::map<std::string, double> shape;
  for (size_t i = 0; i + 2 < tokens.size(); ++i) {
    shape[manifest::Cat(tokens[i], " ", tokens[i + 1], " ", tokens[i + 2])] +=
        1;
  }
  return shape;
}

}  // namespace

double Likeness(const Files& starter, const Files& a, const Files& b) {
  const std::vector<std::string> of_starter = AllTokens(starter);
  const std::vector<std::string> of_a = AllTokens(a);
  const std::vector<std::string> of_b = AllTokens(b);
  std::set<std::string> common(of_starter.begin(), of_starter.end());
  const std::set<std::string> words(of_b.begin(), of_b.end());
  for (const std::string& token : of_a) {
    if (words.contains(token)) common.insert(token);
  }
  const auto base = Shape(of_starter, common);
  auto change_a = Shape(of_a, common);
  auto change_b = Shape(of_b, common);
  for (const auto& [sequence, count] : base) {
    change_a[sequence] -= count;
    change_b[sequence] -= count;
  }
  double dot = 0;
  double square_a = 0;
  double square_b = 0;
  for (const auto& [sequence, count] : change_a) {
    square_a += count * count;
    const auto other = change_b.find(sequence);
    if (other != change_b.end()) dot += count * other->second;
  }
  for (const auto& [sequence, count] : change_b) square_b += count * count;
  if (square_a == 0 || square_b == 0) return 0;
  return std::max(0.0, dot / std::sqrt(square_a * square_b));
}

Misconceptions::Misconceptions(const Context& context, const manifest::Lab& lab,
                               const Files& files) {
  if (files.empty()) return;
  const auto solutions = manifest::LoadSolutions(context.root, lab);
  if (!solutions.ok() || solutions->rejected.empty()) return;
  auto starter = KeptStarter(context, lab);
  if (!starter.ok()) starter = manifest::TakeStarter(lab);
  if (!starter.ok()) return;
  double right = 0;
  const auto near = [&](const std::filesystem::path& directory) {
    const auto theirs = manifest::TakeAnswer(lab, *starter, directory);
    if (theirs.ok())
      right = std::max(right, Likeness(*starter, files, *theirs));
  };
  near(solutions->directory / "student");
  for (const auto& answer : solutions->accepted) near(answer.directory);
  for (const manifest::RejectedAnswer& answer : solutions->rejected) {
    const auto theirs = manifest::TakeAnswer(lab, *starter, answer.directory);
    if (!theirs.ok()) continue;  // `verify` says so
    const double likeness = Likeness(*starter, files, *theirs);
    if (likeness >= kAlike && likeness > right &&
        HaveToolsOf(*theirs, *starter, files)) {
      known_.push_back({answer, likeness});
    }
  }
  std::sort(known_.begin(), known_.end(), [](const Known& a, const Known& b) {
    return std::tie(b.likeness, a.answer.name) <
           std::tie(a.likeness, b.answer.name);
  });
}

std::string Misconceptions::SentenceFor(
    const verdict::TestResult& result) const {
  if (!result.finding.has_value()) return "";
  const Known* best = nullptr;
  double best_score = 0;
  for (const Known& known : known_) {
    const manifest::RejectedAnswer& answer = known.answer;
    const bool test = answer.test.empty() || answer.test == result.test;
    const bool engine = std::find(answer.engines.begin(), answer.engines.end(),
                                  result.engine) != answer.engines.end();
    const bool kind = std::find(answer.kinds.begin(), answer.kinds.end(),
                                result.finding->kind) != answer.kinds.end();
    if (!test || !engine || !kind) continue;
    // Of two that are as much alike, the one that fails in this very test.
    const double score = known.likeness + (answer.test.empty() ? 0 : kSameTest);
    if (score > best_score) {
      best = &known;
      best_score = score;
    }
  }
  return best == nullptr ? "" : best->answer.misconception;
}

}  // namespace racelab::cli
