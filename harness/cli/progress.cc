#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

namespace racelab::cli {
namespace {

size_t TerminalWidth() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return size.ws_col;
  }
  return 80;
}

// The first `columns` characters of UTF-8 text.
std::string_view Cut(std::string_view text, size_t columns) {
  size_t at = 0;
  for (size_t seen = 0; at < text.size(); ++at) {
    const bool starts = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    if (starts && seen++ == columns) break;
  }
  return text.substr(0, at);
}

}  // namespace

Progress::Progress() : Progress(isatty(STDERR_FILENO) == 1) {}

Progress::Progress(bool terminal)
    : terminal_(terminal), width_(terminal ? TerminalWidth() : 80) {}

Progress::~Progress() { Clear(); }

void Progress::Erase() {
  if (shown_) std::fputs("\r\033[K", stderr);
  shown_ = false;
}

void Progress::Show(std::string_view line) {
  if (!terminal_) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (shown_ && now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  const std::string_view cut = Cut(line, width_ - 1);
  std::fprintf(stderr, "\r\033[K%.*s", static_cast<int>(cut.size()),
               cut.data());
  std::fflush(stderr);
  shown_ = true;
}

void Progress::Done(std::string_view line) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Erase();
  std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
  std::fflush(stderr);
}

void Progress::Clear() {
  const std::lock_guard<std::mutex> lock(mutex_);
  Erase();
  std::fflush(stderr);
}

std::string WithCommas(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

}  // namespace racelab::cli
