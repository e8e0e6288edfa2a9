#include "runtimes/model/bridge/c_library.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include <algorithm>

#include "runtimes/model/bridge/accesses.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

namespace racelab::model {
namespace {

template <typename T>
void Read(const T* from, size_t count, uintptr_t pc) {
  if (from != nullptr && count != 0) {
    PlainRead(reinterpret_cast<uintptr_t>(from), count * sizeof(T), pc);
  }
}
template <typename T>
void Wrote(T* to, size_t count, uintptr_t pc) {
  if (to != nullptr && count != 0) {
    PlainWrite(reinterpret_cast<uintptr_t>(to), count * sizeof(T), pc);
  }
}

void Qsort(void* base, size_t count, size_t size,
           int (*compare)(const void*, const void*)) {
  if (count > 1) {
    Read(static_cast<const char*>(base), count * size, RACELAB_PC);
    Wrote(static_cast<char*>(base), count * size, RACELAB_PC);
  }
  qsort(base, count, size, compare);
}

double Frexp(double value, int* exponent) {
  Wrote(exponent, 1, RACELAB_PC);
  return frexp(value, exponent);
}
double Modf(double value, double* whole) {
  Wrote(whole, 1, RACELAB_PC);
  return modf(value, whole);
}
double Remquo(double a, double b, int* quotient) {
  Wrote(quotient, 1, RACELAB_PC);
  return remquo(a, b, quotient);
}
int RandR(unsigned* seed) {
  Read(seed, 1, RACELAB_PC);
  Wrote(seed, 1, RACELAB_PC);
  return rand_r(seed);
}

tm* LocaltimeR(const time_t* time, tm* result) {
  Read(time, 1, RACELAB_PC);
  Wrote(result, 1, RACELAB_PC);
  return localtime_r(time, result);
}
tm* GmtimeR(const time_t* time, tm* result) {
  Read(time, 1, RACELAB_PC);
  Wrote(result, 1, RACELAB_PC);
  return gmtime_r(time, result);
}
time_t Mktime(tm* time) {
  Read(time, 1, RACELAB_PC);
  Wrote(time, 1, RACELAB_PC);
  return mktime(time);
}
size_t Strftime(char* to, size_t size, const char* format, const tm* time) {
  Read(time, 1, RACELAB_PC);
  const size_t length = strftime(to, size, format, time);
  if (length != 0) Wrote(to, length + 1, RACELAB_PC);
  return length;
}

// What it reads on its way is the text up to the end of the word; it writes
// where that ends, and into *rest.
char* StrtokR(char* text, const char* between, char** rest) {
  if (text == nullptr) Read(rest, 1, RACELAB_PC);
  char* const begin = text != nullptr ? text : *rest;
  char* const word = strtok_r(text, between, rest);
  Wrote(rest, 1, RACELAB_PC);
  if (begin == nullptr || word == nullptr) return word;
  char* const end = word + strlen(word);
  Read(begin, static_cast<size_t>(end - begin) + 1, RACELAB_PC);
  if (*rest == end + 1) Wrote(end, 1, RACELAB_PC);
  return word;
}

wchar_t* Wmemcpy(wchar_t* to, const wchar_t* from, size_t count) {
  Read(from, count, RACELAB_PC);
  Wrote(to, count, RACELAB_PC);
  return wmemcpy(to, from, count);
}
wchar_t* Wmemmove(wchar_t* to, const wchar_t* from, size_t count) {
  Read(from, count, RACELAB_PC);
  Wrote(to, count, RACELAB_PC);
  return wmemmove(to, from, count);
}
wchar_t* Wmemset(wchar_t* to, wchar_t value, size_t count) {
  Wrote(to, count, RACELAB_PC);
  return wmemset(to, value, count);
}
size_t Wcslen(const wchar_t* text) {
  const size_t length = wcslen(text);
  Read(text, length + 1, RACELAB_PC);
  return length;
}
wchar_t* Wcscpy(wchar_t* to, const wchar_t* from) {
  const size_t count = wcslen(from) + 1;
  Read(from, count, RACELAB_PC);
  Wrote(to, count, RACELAB_PC);
  return wcscpy(to, from);
}
wchar_t* Wcsncpy(wchar_t* to, const wchar_t* from, size_t most) {
  Read(from, std::min(wcsnlen(from, most) + 1, most), RACELAB_PC);
  Wrote(to, most, RACELAB_PC);
  return wcsncpy(to, from, most);
}
size_t Mbstowcs(wchar_t* to, const char* from, size_t most) {
  const size_t count = mbstowcs(to, from, most);
  Read(from, strlen(from) + 1, RACELAB_PC);
  if (count != static_cast<size_t>(-1)) {
    Wrote(to, std::min(count + 1, most), RACELAB_PC);
  }
  return count;
}

template <typename Function>
uintptr_t At(Function* function) {
  return reinterpret_cast<uintptr_t>(function);
}

}  // namespace

uintptr_t WatchedLibraryCall(const char* name) {
  static const struct {
    const char* name;
    uintptr_t function;
  } watched[] = {
      {"qsort", At(&Qsort)},        {"frexp", At(&Frexp)},
      {"modf", At(&Modf)},          {"remquo", At(&Remquo)},
      {"rand_r", At(&RandR)},       {"localtime_r", At(&LocaltimeR)},
      {"gmtime_r", At(&GmtimeR)},   {"mktime", At(&Mktime)},
      {"strftime", At(&Strftime)},  {"strtok_r", At(&StrtokR)},
      {"__strtok_r", At(&StrtokR)}, {"wmemcpy", At(&Wmemcpy)},
      {"wmemmove", At(&Wmemmove)},  {"wmemset", At(&Wmemset)},
      {"wcslen", At(&Wcslen)},      {"wcscpy", At(&Wcscpy)},
      {"wcsncpy", At(&Wcsncpy)},    {"mbstowcs", At(&Mbstowcs)},
  };
  for (const auto& one : watched) {
    if (strcmp(one.name, name) == 0) return one.function;
  }
  return 0;
}

}  // namespace racelab::model
