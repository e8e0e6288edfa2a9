#ifndef SHIP_LOG_H_
#define SHIP_LOG_H_

#include <cstddef>
#include <mutex>
#include <vector>

namespace ship {

struct Entry {
  int hour = 0;
  int course = 0;  // degrees
  int knots = 0;
};

class Log {
 public:
  Log() { entries_.reserve(2); }  // nobody logs more than that

  // Writes an entry. Returns its number.
  size_t Append(const Entry& entry);

  // How many entries there are.
  size_t Size() const;

  // The entry with this number, which is below Size().
  Entry At(size_t number) const;

 private:
  mutable std::mutex appending_;
  std::vector<Entry> entries_;
};

}  // namespace ship

#endif  // SHIP_LOG_H_
