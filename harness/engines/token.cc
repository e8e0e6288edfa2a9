#include "engines/token.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace racelab::engines {
namespace {

constexpr size_t kChecksum = 4;

bool IsPlain(const std::string& text) {
  for (const char c : text) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '-') {
      return false;
    }
  }
  return !text.empty();
}

std::string Encode(const std::string& text) {
  return IsPlain(text) ? text
                       : absl::StrCat("~", absl::WebSafeBase64Escape(text));
}

bool Decode(const std::string& part, std::string& text) {
  if (part.empty() || part[0] != '~') {
    text = part;
    return IsPlain(part);
  }
  return absl::WebSafeBase64Unescape(part.substr(1), &text);
}

// As every name and every stream of decisions is.
bool IsPrintable(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c <= '~';
  });
}

// Four hex digits over everything before them (FNV-1a, folded): against typing
// errors and line breaks, not against people.
std::string Checksum(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return absl::StrFormat("%04x", (hash ^ hash >> 16 ^ hash >> 32) & 0xffff);
}

}  // namespace

std::string FormatToken(const Token& token) {
  const std::string text =
      absl::StrCat("rl1.", Encode(token.lab), ".", Encode(token.test), ".",
                   token.source_hash, ".", Encode(token.decisions));
  return absl::StrCat(text, Checksum(text));
}

absl::StatusOr<Token> ParseToken(std::string_view text) {
  const std::string all(text);
  if (!absl::StartsWith(all, "rl")) {
    return absl::InvalidArgumentError(
        "this is no replay token; it begins with rl1. and is printed below a "
        "failure of the model");
  }
  if (!absl::StartsWith(all, "rl1.")) {
    return absl::InvalidArgumentError(
        "this token was made by another version of Racelab; run the check "
        "again for a new one");
  }
  const absl::Status damaged = absl::InvalidArgumentError(
      "this token is damaged or cut short; copy it again, to its last "
      "character");
  if (all.size() < kChecksum + 4) return damaged;
  const std::string body = all.substr(0, all.size() - kChecksum);
  if (Checksum(body) != all.substr(body.size())) return damaged;
  const std::vector<std::string> parts = absl::StrSplit(body, '.');
  Token token;
  if (parts.size() != 5 || !Decode(parts[1], token.lab) ||
      !Decode(parts[2], token.test) || parts[3].size() != 16 ||
      !Decode(parts[4], token.decisions) || !IsPrintable(token.lab) ||
      !IsPrintable(token.test) || !IsPrintable(token.decisions)) {
    return damaged;
  }
  token.source_hash = parts[3];
  return token;
}

}  // namespace racelab::engines
