// Strings from pieces. absl::StrCat of Debian's Abseil, a C++14 build, takes no
// std::string_view; these do.

#ifndef RACELAB_MANIFEST_TEXT_H_
#define RACELAB_MANIFEST_TEXT_H_

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace racelab::manifest {

template <typename... Pieces>
void Append(std::string& out, const Pieces&... pieces) {
  const auto one = [&out](const auto& piece) {
    using Piece = std::remove_cvref_t<decltype(piece)>;
    if constexpr (std::is_same_v<Piece, char>) {
      out.push_back(piece);
    } else if constexpr (std::is_arithmetic_v<Piece>) {
      out.append(std::to_string(piece));
    } else {
      out.append(std::string_view(piece));
    }
  };
  (one(pieces), ...);
}

template <typename... Pieces>
std::string Cat(const Pieces&... pieces) {
  std::string out;
  Append(out, pieces...);
  return out;
}

// Of anything that has strings in it.
template <typename Range>
std::string Join(const Range& pieces, std::string_view between) {
  std::string out;
  bool first = true;
  for (const auto& piece : pieces) {
    if (!first) out.append(between);
    first = false;
    out.append(std::string_view(piece));
  }
  return out;
}

// The pieces between `separator`s; at least one, which may be empty.
inline std::vector<std::string_view> Split(std::string_view text,
                                           char separator) {
  std::vector<std::string_view> pieces;
  for (;;) {
    const size_t at = text.find(separator);
    pieces.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return pieces;
    text.remove_prefix(at + 1);
  }
}

}  // namespace racelab::manifest

#endif  // RACELAB_MANIFEST_TEXT_H_
