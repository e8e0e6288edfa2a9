#ifndef SHIP_LOG_H_
#define SHIP_LOG_H_

#include <atomic>
#include <cstddef>

namespace ship {

struct Entry {
  int hour = 0;
  int course = 0;  // degrees
  int knots = 0;
};

class Log {
 public:
  Log();
  ~Log();

  // Writes an entry. Returns its number.
  size_t Append(const Entry& entry);

  // How many entries there are.
  size_t Size() const;

  // The entry with this number, which is below Size().
  Entry At(size_t number) const;

 private:
  static constexpr size_t kPages = 1000;
  static constexpr size_t kLines = 100;  // a page's

  struct Page {
    Entry lines[kLines];
  };

  Page* PageOf(size_t number);

  std::atomic<Page*> pages_[kPages] = {};
  std::atomic<size_t> next_{0};
  std::atomic<size_t> size_{0};
};

}  // namespace ship

#endif  // SHIP_LOG_H_
