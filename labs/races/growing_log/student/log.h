// A ship's log: officers append entries, anybody may read what has been
// written.
//
// Contract
//   - Any number of threads may append, read and ask for the size at the same
//     time.
//   - Entries have numbers 0, 1, 2, … in the order in which they were appended.
//   - An entry never changes and is never removed.
//   - Whoever has heard of entry n, from Append() or from Size(), can read it;
//     and once Append() has returned, Size() counts the entry.
//   - There is room for a year at least: 8784 entries.
//
// The public functions stay as they are; the private part is yours. One lock
// for the whole log is fine.

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
  // Writes an entry. Returns its number.
  size_t Append(const Entry& entry);

  // How many entries there are.
  size_t Size() const;

  // The entry with this number, which is below Size().
  Entry At(size_t number) const;

 private:
  std::mutex appending_;
  std::vector<Entry> entries_;
};

}  // namespace ship

#endif  // SHIP_LOG_H_
