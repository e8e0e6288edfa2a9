#include "table.h"

namespace sushi {

void Table::Dine(int seat) {
  std::lock_guard<std::mutex> guard(table_);
  meal_.Eat(seat);
}

}  // namespace sushi
