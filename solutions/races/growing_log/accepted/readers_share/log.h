#ifndef SHIP_LOG_H_
#define SHIP_LOG_H_

#include <cstddef>
#include <mutex>
#include <shared_mutex>
#include <vector>

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
  mutable std::shared_mutex lock_;  // readers share it
  std::vector<Entry> entries_;      // guarded by lock_
};

}  // namespace ship

#endif  // SHIP_LOG_H_
