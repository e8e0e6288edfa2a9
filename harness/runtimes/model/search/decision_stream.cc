#include "runtimes/model/search/decision_stream.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace racelab::model {
namespace {

constexpr std::string_view kVersion = "d1;";
// Indexed by DecisionKind.
constexpr std::string_view kLetters = "TRPOSFNAX";
constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr unsigned kMaxAlternatives = 255;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<DecisionStream> Parse() {
    if (!text_.starts_with(kVersion)) {
      return Error("a decision stream starts with \"d1;\"");
    }
    at_ = kVersion.size();
    DecisionStream stream;
    while (at_ < text_.size()) {
      absl::Status status = ParseGroup(&stream);
      if (!status.ok()) return status;
    }
    return stream;
  }

 private:
  absl::Status Error(const char* what) const {
    return absl::InvalidArgumentError(
        absl::StrCat("at character ", at_ + 1, ": ", what));
  }

  // A decimal number without leading zeros, at most `max`.
  std::optional<unsigned> Number(unsigned max) {
    const size_t start = at_;
    unsigned value = 0;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      value = value * 10 + static_cast<unsigned>(text_[at_] - '0');
      if (value > max) return std::nullopt;
      ++at_;
    }
    if (at_ == start || (text_[start] == '0' && at_ - start > 1)) {
      return std::nullopt;
    }
    return value;
  }

  bool Take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  absl::Status ParseGroup(DecisionStream* stream) {
    const size_t kind = kLetters.find(text_[at_]);
    if (kind == std::string_view::npos) {
      return Error("expected one of the letters TRPOSFNX");
    }
    ++at_;
    const std::optional<unsigned> alternatives = Number(kMaxAlternatives);
    if (!alternatives || *alternatives < 2) {
      return Error("expected the number of alternatives, 2 to 255");
    }
    if (!Take(':')) return Error("expected a colon");
    Decision decision;
    decision.kind = static_cast<DecisionKind>(kind);
    decision.alternatives = static_cast<uint8_t>(*alternatives);
    // A thread's choice is an id, anything else an index.
    const unsigned limit = decision.kind == DecisionKind::kThread
                               ? static_cast<unsigned>(kMaxThreads)
                               : *alternatives;
    bool any = false;
    while (at_ < text_.size() && !IsLetter(text_[at_])) {
      unsigned chosen = 0;
      if (Take('(')) {
        const std::optional<unsigned> number = Number(kMaxAlternatives);
        if (!number || *number < kDigits.size() || !Take(')')) {
          return Error("expected a number from 36 to 255 in parentheses");
        }
        chosen = *number;
      } else {
        const size_t digit = kDigits.find(text_[at_]);
        if (digit == std::string_view::npos) {
          return Error("expected a choice, 0-9 or a-z");
        }
        chosen = static_cast<unsigned>(digit);
        ++at_;
      }
      if (chosen >= limit) return Error("a choice out of range");
      unsigned repeat = 1;
      if (Take('*')) {
        const std::optional<unsigned> number = Number(kMaxDecisions);
        if (!number || *number < 2 || !Take('.')) {
          return Error("expected a count from 2 and a full stop");
        }
        repeat = *number;
      }
      if (stream->size() + repeat > kMaxDecisions) {
        return Error("too many decisions");
      }
      decision.chosen = static_cast<uint8_t>(chosen);
      stream->insert(stream->end(), repeat, decision);
      any = true;
    }
    if (!any) return Error("expected a choice");
    return absl::OkStatus();
  }

  static bool IsLetter(char c) { return c >= 'A' && c <= 'Z'; }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::string FormatDecisions(const DecisionStream& stream) {
  std::string text(kVersion);
  const Decision* group = nullptr;
  for (size_t i = 0; i < stream.size();) {
    const Decision& decision = stream[i];
    size_t end = i + 1;
    while (end < stream.size() && stream[end] == decision) ++end;
    const size_t repeat = end - i;
    i = end;
    if (decision.alternatives < 2) continue;
    if (group == nullptr || group->kind != decision.kind ||
        group->alternatives != decision.alternatives) {
      text += kLetters[static_cast<size_t>(decision.kind)];
      absl::StrAppend(&text, decision.alternatives, ":");
    }
    group = &decision;
    std::string choice = decision.chosen < kDigits.size()
                             ? std::string(1, kDigits[decision.chosen])
                             : absl::StrCat("(", decision.chosen, ")");
    if (repeat <= 2) {
      for (size_t k = 0; k < repeat; ++k) text += choice;
    } else {
      absl::StrAppend(&text, choice, "*", repeat, ".");
    }
  }
  return text;
}

absl::StatusOr<DecisionStream> ParseDecisions(std::string_view text) {
  return Parser(text).Parse();
}

const char* DescribeKind(DecisionKind kind) {
  switch (kind) {
    case DecisionKind::kThread:
      return "which thread runs next";
    case DecisionKind::kReadsFrom:
      return "which store a load reads";
    case DecisionKind::kPlacement:
      return "where a store goes in modification order";
    case DecisionKind::kTimeout:
      return "whether a wait times out";
    case DecisionKind::kSpurious:
      return "whether a wait wakes spuriously";
    case DecisionKind::kWeakFail:
      return "whether a weak compare-exchange fails";
    case DecisionKind::kWaiter:
      return "which waiter is woken";
    case DecisionKind::kReuse:
      return "which freed memory an allocation gets";
    case DecisionKind::kOther:
      break;
  }
  return "something else";
}

}  // namespace racelab::model
