// Replay tokens: one failing execution of one test, to be given to
// `racelab replay` on any machine.
//
//   rl1.<lab>.<test>.<source hash>.<payload>
//
// lab, test and payload are base64url without padding where they hold anything
// but letters, digits, '_' and '-' (then with a leading '~'), so that a token
// is one word in every shell. The payload is the model's decision string; its
// last 4 characters are a checksum, so that a token cut short by a mail program
// is told apart from one that does not fit.

#ifndef RACELAB_ENGINES_TOKEN_H_
#define RACELAB_ENGINES_TOKEN_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace racelab::engines {

struct Token {
  std::string lab;          // "lost_update"
  std::string test;         // "Counter.NoIncrementIsLost"
  std::string source_hash;  // 16 hex digits, build::Modules::source_hash
  std::string decisions;    // the model's `replay`
  bool operator==(const Token&) const = default;
};

std::string FormatToken(const Token& token);

// InvalidArgument, with a sentence: not a token, made by another version, or
// damaged.
absl::StatusOr<Token> ParseToken(std::string_view text);

}  // namespace racelab::engines

#endif  // RACELAB_ENGINES_TOKEN_H_
