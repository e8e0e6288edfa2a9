// Progress on stderr: one line that is rewritten on a terminal, a line per
// finished item elsewhere. Never on stdout, which belongs to the report.
//
// Thread safety: any method from any thread.

#ifndef RACELAB_CLI_PROGRESS_H_
#define RACELAB_CLI_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace racelab::cli {

class Progress {
 public:
  // Asks whether stderr is a terminal.
  Progress();
  explicit Progress(bool terminal);
  // Takes the line away.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // What is going on. Terminals only, and at most ten times a second.
  void Show(std::string_view line);
  // Something is finished: a line that stays.
  void Done(std::string_view line);
  void Clear();

 private:
  void Erase();

  const bool terminal_;
  size_t width_;
  std::mutex mutex_;
  bool shown_ = false;                            // guarded by mutex_
  std::chrono::steady_clock::time_point last_{};  // guarded by mutex_
};

// 1234567 → "1,234,567".
std::string WithCommas(uint64_t number);

}  // namespace racelab::cli

#endif  // RACELAB_CLI_PROGRESS_H_
