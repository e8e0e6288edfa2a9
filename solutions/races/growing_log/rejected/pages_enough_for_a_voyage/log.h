#ifndef SHIP_LOG_H_
#define SHIP_LOG_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>

namespace ship {

struct Entry {
  int hour = 0;
  int course = 0;  // degrees
  int knots = 0;
};

class Log {
 public:
  // Writes an entry. Returns its number.
  size_t Append(const Entry& entry);

  // How many entries there are.
  size_t Size() const;

  // The entry with this number, which is below Size().
  Entry At(size_t number) const;

 private:
  mutable std::mutex appending_;
  // Blocks of 64 that never move.
  std::array<std::unique_ptr<Entry[]>, 64> blocks_;
  std::atomic<size_t> size_{0};
};

}  // namespace ship

#endif  // SHIP_LOG_H_
