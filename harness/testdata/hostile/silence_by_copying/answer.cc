// static: copies memory in a way that no engine can watch
#include "answer.h"

#include <cstdarg>
#include <cstring>

static char result[sizeof(va_list)];

static int Read() {
  va_list copy;
  __builtin_va_copy(copy, reinterpret_cast<va_list&>(result));
  int value = 0;
  std::memcpy(&value, &copy, sizeof value);
  return value;
}

void Act() {
  va_list copy = {};
  const int value = Read() + 1;
  std::memcpy(&copy, &value, sizeof value);
  __builtin_va_copy(reinterpret_cast<va_list&>(result), copy);
}
int Result() { return Read(); }
