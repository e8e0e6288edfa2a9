#ifndef SHIP_LOG_H_
#define SHIP_LOG_H_

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
  static constexpr size_t kMost = 10000;

  std::mutex appending_;
  std::unique_ptr<Entry[]> entries_ = std::make_unique<Entry[]>(kMost);
  std::atomic<size_t> size_{0};
};

}  // namespace ship

#endif  // SHIP_LOG_H_
