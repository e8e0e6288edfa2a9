#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "symbols/symbols.h"

namespace racelab::symbols {
namespace {

constexpr size_t kMaxLineLength = 400;
constexpr off_t kMaxFileSize = 4 << 20;

std::string RealPath(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(
      realpath(path.c_str(), nullptr), &std::free);
  return real == nullptr ? "" : real.get();
}

// The file's real path if it lies below `root`, else "".
std::string Resolve(const std::string& root, const std::string& file) {
  if (root.empty() || file.empty() || absl::StartsWith(file, "/") ||
      file.find('\0') != std::string::npos) {
    return "";
  }
  for (const auto part : absl::StrSplit(file, '/')) {
    if (part == "..") return "";
  }
  const std::string real_root = RealPath(root);
  const std::string real = RealPath(absl::StrCat(root, "/", file));
  if (real_root.empty() ||
      !absl::StartsWith(real, real_root == "/" ? "/" : real_root + "/")) {
    return "";
  }
  struct stat status;
  if (stat(real.c_str(), &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_size > kMaxFileSize) {
    return "";
  }
  return real;
}

}  // namespace

std::string SourceText(const std::string& root, const std::string& file,
                       int line) {
  if (line < 1) return "";
  const std::string path = Resolve(root, file);
  if (path.empty()) return "";
  std::ifstream stream(path);
  std::string text;
  for (int i = 0; i < line; ++i) {
    if (!std::getline(stream, text)) return "";
  }
  return std::string(
      absl::StripAsciiWhitespace(text.substr(0, kMaxLineLength)));
}

}  // namespace racelab::symbols
