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
  static constexpr size_t kPages = 1000;
  static constexpr size_t kLines = 100;  // a page's

  struct Page {
    Entry lines[kLines];
  };

  std::mutex appending_;
  // A page is made by the first append that needs it and stays until the end. A
  // line below size_ is never written again.
  std::unique_ptr<Page> pages_[kPages];
  std::atomic<size_t> size_{0};  // publishes the lines and pages below it
};

}  // namespace ship

#endif  // SHIP_LOG_H_
