#include "cli/context.h"

#include <cstdio>
#include <ctime>
#include <system_error>

#include "manifest/text.h"
#include "report/text.h"

namespace racelab::cli {

namespace fs = std::filesystem;
using manifest::Cat;

absl::StatusOr<fs::path> FindRoot(const fs::path& start) {
  std::error_code error;
  fs::path at = fs::canonical(start, error);
  while (!error && !at.empty()) {
    std::error_code missing;
    if (fs::is_directory(at / "labs", missing) &&
        fs::is_regular_file(at / "racelab", missing)) {
      return at;
    }
    if (at == at.parent_path()) break;
    at = at.parent_path();
  }
  return absl::NotFoundError(
      Cat(start.string(),
          " is not inside a Racelab project (a folder with labs/ and the file "
          "racelab): change there, or give --root DIR"));
}

int Fail(std::string_view message, int exit_code) {
  std::fflush(stdout);
  // Names of files are anybody's.
  const std::string text = Cat(
      "racelab: ", manifest::Join(report::Lines(message, 1000), "\n"), "\n");
  std::fwrite(text.data(), 1, text.size(), stderr);
  return exit_code;
}

int Fail(const absl::Status& status, int exit_code) {
  if (absl::IsCancelled(status)) return Fail("interrupted", kExitInterrupted);
  return Fail(std::string(status.message()), exit_code);
}

std::string ShellWord(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./"
      "~:,+=@";
  if (!text.empty() && text[0] != '~' &&
      text.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(text);
  }
  std::string word = "'";
  for (char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

std::string Now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc;
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace racelab::cli
