#include "runtimes/model/bridge/c_strings.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <algorithm>
#include <cstdarg>
#include <cstdint>

#include "runtimes/common/relocations.h"
#include "runtimes/model/bridge/accesses.h"
#include "runtimes/model/bridge/c_library.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

namespace racelab::model {
namespace {

inline void Read(const void* from, size_t size, uintptr_t pc) {
  if (size != 0) PlainRead(reinterpret_cast<uintptr_t>(from), size, pc);
}
inline void Wrote(void* to, size_t size, uintptr_t pc) {
  if (size != 0) PlainWrite(reinterpret_cast<uintptr_t>(to), size, pc);
}

// Of a text, with the zero at its end.
size_t Bytes(const char* text) { return strlen(text) + 1; }

void* Memcpy(void* to, const void* from, size_t size) {
  Read(from, size, RACELAB_PC);
  Wrote(to, size, RACELAB_PC);
  return memcpy(to, from, size);
}
void* Memmove(void* to, const void* from, size_t size) {
  Read(from, size, RACELAB_PC);
  Wrote(to, size, RACELAB_PC);
  return memmove(to, from, size);
}
void* Memset(void* to, int byte, size_t size) {
  Wrote(to, size, RACELAB_PC);
  return memset(to, byte, size);
}

// Comparisons look no further than the first difference.
int Memcmp(const void* a, const void* b, size_t size) {
  const auto* left = static_cast<const char*>(a);
  const auto* right = static_cast<const char*>(b);
  size_t seen = std::mismatch(left, left + size, right).first - left;
  if (seen < size) ++seen;
  Read(a, seen, RACELAB_PC);
  Read(b, seen, RACELAB_PC);
  return memcmp(a, b, size);
}
void CompareTexts(const char* a, const char* b, size_t most, uintptr_t pc) {
  size_t seen = 0;
  while (seen < most && a[seen] == b[seen] && a[seen] != '\0') ++seen;
  if (seen < most) ++seen;
  Read(a, seen, pc);
  Read(b, seen, pc);
}
int Strcmp(const char* a, const char* b) {
  CompareTexts(a, b, SIZE_MAX, RACELAB_PC);
  return strcmp(a, b);
}
int Strncmp(const char* a, const char* b, size_t most) {
  CompareTexts(a, b, most, RACELAB_PC);
  return strncmp(a, b, most);
}

const void* Memchr(const void* memory, int byte, size_t size) {
  const void* found = memchr(memory, byte, size);
  Read(memory,
       found == nullptr ? size
                        : static_cast<const char*>(found) + 1 -
                              static_cast<const char*>(memory),
       RACELAB_PC);
  return found;
}
size_t Strlen(const char* text) {
  Read(text, Bytes(text), RACELAB_PC);
  return strlen(text);
}
size_t Strnlen(const char* text, size_t most) {
  const size_t length = strnlen(text, most);
  Read(text, std::min(length + 1, most), RACELAB_PC);
  return length;
}
const char* Strchr(const char* text, int byte) {
  const char* found = strchr(text, byte);
  Read(text, found == nullptr ? Bytes(text) : found + 1 - text, RACELAB_PC);
  return found;
}
const char* Strrchr(const char* text, int byte) {
  Read(text, Bytes(text), RACELAB_PC);
  return strrchr(text, byte);
}
const char* Strstr(const char* text, const char* part) {
  const char* found = strstr(text, part);
  const size_t length = strlen(part);
  Read(part, length + 1, RACELAB_PC);
  Read(text, found == nullptr ? Bytes(text) : found + length - text,
       RACELAB_PC);
  return found;
}

char* Strcpy(char* to, const char* from) {
  const size_t bytes = Bytes(from);
  Read(from, bytes, RACELAB_PC);
  Wrote(to, bytes, RACELAB_PC);
  return strcpy(to, from);
}
char* Stpcpy(char* to, const char* from) {
  const size_t bytes = Bytes(from);
  Read(from, bytes, RACELAB_PC);
  Wrote(to, bytes, RACELAB_PC);
  return stpcpy(to, from);
}
char* Strncpy(char* to, const char* from, size_t most) {
  Read(from, std::min(strnlen(from, most) + 1, most), RACELAB_PC);
  Wrote(to, most, RACELAB_PC);
  return strncpy(to, from, most);
}
char* Strcat(char* to, const char* from) {
  const size_t length = strlen(to);
  const size_t bytes = Bytes(from);
  Read(to, length + 1, RACELAB_PC);
  Read(from, bytes, RACELAB_PC);
  Wrote(to + length, bytes, RACELAB_PC);
  return strcat(to, from);
}
char* Strncat(char* to, const char* from, size_t most) {
  const size_t length = strlen(to);
  const size_t added = strnlen(from, most);
  Read(to, length + 1, RACELAB_PC);
  Read(from, std::min(added + 1, most), RACELAB_PC);
  Wrote(to + length, added + 1, RACELAB_PC);
  return strncat(to, from, most);
}

// Of what is printed only the text that comes out is told.
int Print(char* to, size_t size, const char* format, va_list arguments,
          uintptr_t pc) {
  va_list again;
  va_copy(again, arguments);
  const int length = vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length >= 0) Wrote(to, std::min<size_t>(length + 1u, size), pc);
  return vsnprintf(to, size, format, arguments);
}
int Vsnprintf(char* to, size_t size, const char* format, va_list arguments) {
  return Print(to, size, format, arguments, RACELAB_PC);
}
int Snprintf(char* to, size_t size, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int length = Print(to, size, format, arguments, RACELAB_PC);
  va_end(arguments);
  return length;
}
int Sprintf(char* to, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int length = Print(to, INT32_MAX, format, arguments, RACELAB_PC);
  va_end(arguments);
  return length;
}

template <typename Function>
uintptr_t At(Function* function) {
  return reinterpret_cast<uintptr_t>(function);
}

uintptr_t WatchedFor(const char* name) {
  static const struct {
    const char* name;
    uintptr_t function;
  } watched[] = {
      {"memcpy", At(&Memcpy)},     {"memmove", At(&Memmove)},
      {"memset", At(&Memset)},     {"memcmp", At(&Memcmp)},
      {"bcmp", At(&Memcmp)},       {"memchr", At(&Memchr)},
      {"strlen", At(&Strlen)},     {"strnlen", At(&Strnlen)},
      {"strcmp", At(&Strcmp)},     {"strncmp", At(&Strncmp)},
      {"strchr", At(&Strchr)},     {"strrchr", At(&Strrchr)},
      {"strstr", At(&Strstr)},     {"strcpy", At(&Strcpy)},
      {"stpcpy", At(&Stpcpy)},     {"strncpy", At(&Strncpy)},
      {"strcat", At(&Strcat)},     {"strncat", At(&Strncat)},
      {"snprintf", At(&Snprintf)}, {"vsnprintf", At(&Vsnprintf)},
      {"sprintf", At(&Sprintf)},
  };
  for (const auto& one : watched) {
    if (strcmp(one.name, name) == 0) return one.function;
  }
  return WatchedLibraryCall(name);
}

}  // namespace

void WatchStringCalls(const link_map& object) {
  runtimes::ForEachRelocation(object,
                              [&](const char* name, const ElfW(Rela) & entry) {
                                const uintptr_t function = WatchedFor(name);
                                if (function != 0)
                                  runtimes::Redirect(object, entry, function);
                              });
}

}  // namespace racelab::model
