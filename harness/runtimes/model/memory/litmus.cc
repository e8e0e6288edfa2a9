#include "runtimes/model/memory/litmus.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace racelab::model {
namespace {

using Kind = LitmusOp::Kind;

constexpr std::pair<absl::string_view, Order> kOrders[] = {
    {"rlx", Order::kRelaxed}, {"acq", Order::kAcquire},
    {"rel", Order::kRelease}, {"acq_rel", Order::kAcqRel},
    {"sc", Order::kSeqCst},
};

constexpr std::pair<absl::string_view, Kind> kKinds[] = {
    {"store", Kind::kStore},      {"load", Kind::kLoad},
    {"add", Kind::kAdd},          {"exchange", Kind::kExchange},
    {"cas", Kind::kCas},          {"fence", Kind::kFence},
    {"write", Kind::kPlainWrite}, {"read", Kind::kPlainRead},
    {"lock", Kind::kLock},        {"unlock", Kind::kUnlock},
};

bool IsNumber(absl::string_view word, int* value) {
  const char* end = word.data() + word.size();
  const auto result = std::from_chars(word.data(), end, *value);
  return result.ec == std::errc() && result.ptr == end;
}

int IndexOf(absl::string_view name, std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<int>(found - names.begin());
  names.emplace_back(name);
  return static_cast<int>(names.size()) - 1;
}

int Find(absl::string_view name, const std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

bool ParseOrder(absl::string_view word, Order* order) {
  for (const auto& [name, value] : kOrders) {
    if (name == word) {
      *order = value;
      return true;
    }
  }
  return false;
}

class Parser {
 public:
  explicit Parser(absl::string_view file) : file_(file) {}

  absl::StatusOr<std::vector<LitmusTest>> Parse(absl::string_view text) {
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      ++line_;
      line = line.substr(0, line.find('#'));
      line = absl::StripAsciiWhitespace(line);
      if (line.empty()) continue;
      if (absl::Status status = Line(line); !status.ok()) return status;
    }
    if (absl::Status status = Finish(); !status.ok()) return status;
    return std::move(tests_);
  }

 private:
  absl::Status Error(absl::string_view message) const {
    return absl::InvalidArgumentError(
        absl::StrCat(file_, ":", line_, ": ", message));
  }

  absl::Status Line(absl::string_view line) {
    if (absl::ConsumePrefix(&line, "litmus ")) {
      if (absl::Status status = Finish(); !status.ok()) return status;
      tests_.emplace_back();
      tests_.back().name = std::string(absl::StripAsciiWhitespace(line));
      tests_.back().file = file_;
      tests_.back().line = line_;
      return absl::OkStatus();
    }
    if (tests_.empty()) return Error("expected 'litmus NAME'");
    LitmusTest& test = tests_.back();
    if (absl::ConsumePrefix(&line, "because ")) {
      test.because = absl::StrCat(test.because, test.because.empty() ? "" : " ",
                                  absl::StripAsciiWhitespace(line));
      return absl::OkStatus();
    }
    if (line == "thread") {
      test.threads.emplace_back();
      return absl::OkStatus();
    }
    if (line == "race") {
      test.race = true;
      return absl::OkStatus();
    }
    if (absl::ConsumePrefix(&line, "init ")) return Init(line);
    if (absl::ConsumePrefix(&line, "allowed ")) {
      return Condition(line, test.allowed);
    }
    if (absl::ConsumePrefix(&line, "forbidden ")) {
      return Condition(line, test.forbidden);
    }
    if (test.threads.empty()) return Error("expected 'thread' before this");
    return Operation(line);
  }

  absl::Status Finish() {
    if (tests_.empty()) return absl::OkStatus();
    LitmusTest& test = tests_.back();
    if (test.threads.empty()) return Error("the test has no thread");
    if (test.because.empty()) return Error("the test has no 'because'");
    if (test.allowed.empty() && test.forbidden.empty() && !test.race) {
      return Error("the test expects nothing");
    }
    test.initial.resize(test.locations.size());
    return absl::OkStatus();
  }

  absl::Status Init(absl::string_view line) {
    LitmusTest& test = tests_.back();
    for (absl::string_view word :
         absl::StrSplit(line, ' ', absl::SkipWhitespace())) {
      const std::pair<absl::string_view, absl::string_view> parts =
          absl::StrSplit(word, absl::MaxSplits('=', 1));
      int value = 0;
      if (!IsNumber(parts.second, &value)) {
        return Error("expected LOCATION=NUMBER");
      }
      const size_t index =
          static_cast<size_t>(IndexOf(parts.first, test.locations));
      if (test.initial.size() <= index) test.initial.resize(index + 1);
      test.initial[index] = value;
    }
    return absl::OkStatus();
  }

  absl::Status Condition(absl::string_view line,
                         std::vector<LitmusCondition>& conditions) {
    const LitmusTest& test = tests_.back();
    LitmusCondition condition;
    condition.text = std::string(absl::StripAsciiWhitespace(line));
    for (absl::string_view word :
         absl::StrSplit(line, ' ', absl::SkipWhitespace())) {
      const std::pair<absl::string_view, absl::string_view> parts =
          absl::StrSplit(word, absl::MaxSplits('=', 1));
      LitmusCondition::Term term;
      if (!IsNumber(parts.second, &term.value)) {
        return Error("expected NAME=NUMBER");
      }
      term.index = Find(parts.first, test.registers);
      term.is_register = term.index >= 0;
      if (!term.is_register) term.index = Find(parts.first, test.locations);
      if (term.index < 0) {
        return Error(absl::StrCat("no register or location is called '",
                                  parts.first, "'"));
      }
      condition.terms.push_back(term);
    }
    if (condition.terms.empty()) return Error("expected NAME=NUMBER");
    conditions.push_back(std::move(condition));
    return absl::OkStatus();
  }

  absl::Status Operation(absl::string_view line) {
    LitmusTest& test = tests_.back();
    LitmusOp op;
    if (absl::ConsumePrefix(&line, "if ")) {
      const size_t colon = line.find(':');
      const size_t equals = line.find("==");
      if (colon == absl::string_view::npos || equals > colon ||
          !IsNumber(absl::StripAsciiWhitespace(
                        line.substr(equals + 2, colon - equals - 2)),
                    &op.condition_value)) {
        return Error("expected 'if REGISTER==NUMBER: OPERATION'");
      }
      const absl::string_view name =
          absl::StripAsciiWhitespace(line.substr(0, equals));
      op.condition_register = Find(name, test.registers);
      if (op.condition_register < 0) {
        return Error(absl::StrCat("no register is called '", name, "'"));
      }
      line = line.substr(colon + 1);
    }
    std::vector<absl::string_view> words =
        absl::StrSplit(line, ' ', absl::SkipWhitespace());
    if (words.size() >= 3 && words[1] == "=") {
      op.result = IndexOf(words[0], test.registers);
      words.erase(words.begin(), words.begin() + 2);
    }
    const auto* kind = std::find_if(
        std::begin(kKinds), std::end(kKinds),
        [&](const auto& entry) { return entry.first == words[0]; });
    if (kind == std::end(kKinds)) {
      return Error(absl::StrCat("unknown operation '", words[0], "'"));
    }
    op.kind = kind->second;
    if (op.reads() != (op.result >= 0)) {
      return Error(op.reads() ? "the result goes to no register"
                              : "this operation has no result");
    }
    size_t at = 1;
    const auto next = [&]() -> absl::string_view {
      return at < words.size() ? words[at++] : absl::string_view();
    };
    if (op.kind == Kind::kLock || op.kind == Kind::kUnlock) {
      op.location = IndexOf(next(), test.mutexes);
    } else if (op.kind != Kind::kFence) {
      op.location = IndexOf(next(), test.locations);
    }
    if (op.kind == Kind::kCas && !IsNumber(next(), &op.expected)) {
      return Error("expected the number to compare with");
    }
    if (op.kind != Kind::kLoad && op.kind != Kind::kPlainRead &&
        op.kind != Kind::kFence && op.kind != Kind::kLock &&
        op.kind != Kind::kUnlock) {
      const absl::string_view word = next();
      if (!IsNumber(word, &op.value)) {
        op.value_register = Find(word, test.registers);
        if (op.value_register < 0 || op.kind == Kind::kAdd) {
          return Error(absl::StrCat("'", word, "' is no value here"));
        }
      }
    }
    if ((op.atomic() || op.kind == Kind::kFence) &&
        !ParseOrder(next(), &op.order)) {
      return Error("expected an order: rlx, acq, rel, acq_rel or sc");
    }
    if (op.kind == Kind::kCas && !ParseOrder(next(), &op.failure_order)) {
      return Error("expected the order on failure");
    }
    if (at != words.size()) {
      return Error(absl::StrCat(
          at < words.size() ? absl::StrCat("'", words[at], "' is too much")
                            : "the operation is not complete"));
    }
    test.threads.back().push_back(op);
    return absl::OkStatus();
  }

  const std::string file_;
  int line_ = 0;
  std::vector<LitmusTest> tests_;
};

absl::string_view NameOf(Order order) {
  for (const auto& [name, value] : kOrders) {
    if (value == order) return name;
  }
  return "?";
}

}  // namespace

absl::StatusOr<std::vector<LitmusTest>> ParseLitmus(absl::string_view text,
                                                    absl::string_view file) {
  return Parser(file).Parse(text);
}

absl::StatusOr<std::vector<LitmusTest>> ReadLitmusDirectory(
    const std::string& directory) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".litmus") files.push_back(entry.path());
  }
  if (error) {
    return absl::NotFoundError(absl::StrCat(directory, ": ", error.message()));
  }
  std::sort(files.begin(), files.end());
  std::vector<LitmusTest> tests;
  for (const std::filesystem::path& file : files) {
    std::ifstream stream(file);
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    if (!stream) {
      return absl::NotFoundError(absl::StrCat(file.string(), ": not readable"));
    }
    absl::StatusOr<std::vector<LitmusTest>> more =
        ParseLitmus(text, file.filename().string());
    if (!more.ok()) return more.status();
    std::move(more->begin(), more->end(), std::back_inserter(tests));
  }
  return tests;
}

bool Matches(const LitmusCondition& condition, const LitmusOutcome& outcome) {
  return !outcome.race &&
         std::all_of(
             condition.terms.begin(), condition.terms.end(),
             [&](const LitmusCondition::Term& term) {
               const std::vector<int>& values =
                   term.is_register ? outcome.registers : outcome.locations;
               return values[static_cast<size_t>(term.index)] == term.value;
             });
}

std::string Judge(const LitmusTest& test, const LitmusOutcomes& outcomes) {
  std::string wrong;
  const auto seen = [&](const LitmusCondition& condition) {
    return std::any_of(outcomes.begin(), outcomes.end(),
                       [&](const LitmusOutcome& outcome) {
                         return Matches(condition, outcome);
                       });
  };
  for (const LitmusCondition& condition : test.allowed) {
    if (!seen(condition)) {
      absl::StrAppend(&wrong, "allowed but not seen: ", condition.text, "\n");
    }
  }
  for (const LitmusCondition& condition : test.forbidden) {
    if (seen(condition)) {
      absl::StrAppend(&wrong, "forbidden but seen: ", condition.text, "\n");
    }
  }
  const bool race =
      std::any_of(outcomes.begin(), outcomes.end(),
                  [](const LitmusOutcome& outcome) { return outcome.race; });
  if (race != test.race) {
    absl::StrAppend(&wrong, race ? "a race, but none is expected\n"
                                 : "a race is expected, but none was seen\n");
  }
  return wrong;
}

std::string ToString(const LitmusTest& test, const LitmusOutcomes& outcomes) {
  std::string text;
  for (const LitmusOutcome& outcome : outcomes) {
    if (outcome.race) {
      absl::StrAppend(&text, "race\n");
      continue;
    }
    for (size_t r = 0; r < outcome.registers.size(); ++r) {
      absl::StrAppend(&text, test.registers[r], "=", outcome.registers[r], " ");
    }
    for (size_t l = 0; l < outcome.locations.size(); ++l) {
      absl::StrAppend(&text, test.locations[l], "=", outcome.locations[l], " ");
    }
    text.back() = '\n';
  }
  return text;
}

std::string ToString(const LitmusTest& test) {
  std::string text = absl::StrCat("litmus ", test.name, "\n");
  for (const std::vector<LitmusOp>& thread : test.threads) {
    absl::StrAppend(&text, "thread\n");
    for (const LitmusOp& op : thread) {
      absl::StrAppend(&text, "  ");
      const auto reg = [&](int index) {
        return test.registers[static_cast<size_t>(index)];
      };
      if (op.condition_register >= 0) {
        absl::StrAppend(&text, "if ", reg(op.condition_register),
                        "==", op.condition_value, ": ");
      }
      if (op.result >= 0) absl::StrAppend(&text, reg(op.result), " = ");
      for (const auto& [name, kind] : kKinds) {
        if (kind == op.kind) absl::StrAppend(&text, name);
      }
      if (op.kind == Kind::kLock || op.kind == Kind::kUnlock) {
        absl::StrAppend(&text, " ",
                        test.mutexes[static_cast<size_t>(op.location)]);
      } else if (op.kind != Kind::kFence) {
        absl::StrAppend(&text, " ",
                        test.locations[static_cast<size_t>(op.location)]);
      }
      if (op.kind == Kind::kCas) absl::StrAppend(&text, " ", op.expected);
      if (op.kind == Kind::kStore || op.kind == Kind::kAdd ||
          op.kind == Kind::kExchange || op.kind == Kind::kCas ||
          op.kind == Kind::kPlainWrite) {
        absl::StrAppend(&text, " ",
                        op.value_register >= 0 ? reg(op.value_register)
                                               : absl::StrCat(op.value));
      }
      if (op.atomic() || op.kind == Kind::kFence) {
        absl::StrAppend(&text, " ", NameOf(op.order));
      }
      if (op.kind == Kind::kCas) {
        absl::StrAppend(&text, " ", NameOf(op.failure_order));
      }
      absl::StrAppend(&text, "\n");
    }
  }
  return text;
}

}  // namespace racelab::model
