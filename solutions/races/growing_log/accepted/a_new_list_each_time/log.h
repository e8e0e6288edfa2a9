#ifndef SHIP_LOG_H_
#define SHIP_LOG_H_

#include <cstddef>
#include <memory>
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
  using List = std::vector<Entry>;
  mutable std::mutex lock_;
  // Guarded by lock_; the list that it points to is never changed.
  std::shared_ptr<const List> list_ = std::make_shared<const List>();
};

}  // namespace ship

#endif  // SHIP_LOG_H_
