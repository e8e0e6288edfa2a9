// The C library's functions on memory that threads share, without and under a
// lock.

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <cwchar>
#include <mutex>
#include <string>

#include "labkit/labkit.h"

namespace {

struct Record {
  char bytes[200];
};

std::mutex mutex;
char text[64] = "abc";
char other[64] = "abd";
Record one;
Record two;
// The compiler does not know them.
const char* volatile word = "hello";
volatile size_t size = 20;
volatile int result = 0;
volatile double fraction = 0.75;
int number = 0;
unsigned seed = 1;
std::time_t instant = 0;
std::tm calendar = {};
std::timespec moment = {};
char* rest = nullptr;
wchar_t wide[8] = {};

}  // namespace

// What the one thread does while the other does something else.
#define RACELAB_PAIR(Name, first, second)               \
  CONCURRENT_TEST(Wrong, Name) {                        \
    labkit::RunTogether([] { first; }, [] { second; }); \
  }                                                     \
  CONCURRENT_TEST(Right, Name) {                        \
    labkit::RunTogether(                                \
        [] {                                            \
          std::lock_guard lock(mutex);                  \
          first;                                        \
        },                                              \
        [] {                                            \
          std::lock_guard lock(mutex);                  \
          second;                                       \
        });                                             \
  }

RACELAB_PAIR(MemcpyInto, std::memcpy(text, other, size), result = text[5])
RACELAB_PAIR(MemcpyFrom, std::memcpy(other, text, size), text[5] = 1)
RACELAB_PAIR(StructIsCopied, one = two, result = one.bytes[77])
RACELAB_PAIR(Memset, std::memset(text, 1, size), result = text[5])
RACELAB_PAIR(Memmove, std::memmove(text, text + 1, size), result = text[5])
RACELAB_PAIR(Memcmp, result = std::memcmp(text, other, size), text[2] = 'd')
RACELAB_PAIR(Memchr, result = std::memchr(text, 'c', size) != nullptr,
             text[2] = 'd')
RACELAB_PAIR(Strlen, result = static_cast<int>(std::strlen(text)),
             text[1] = 'd')
RACELAB_PAIR(Strcpy, std::strcpy(text, word), result = text[5])
RACELAB_PAIR(Strncpy, std::strncpy(text, word, size), result = text[15])
RACELAB_PAIR(Strcat, std::strcat(text, word), result = text[4])
RACELAB_PAIR(Strcmp, result = std::strcmp(text, word), text[0] = 'h')
RACELAB_PAIR(Strchr, result = std::strchr(text, 'c') != nullptr, text[2] = 'd')
RACELAB_PAIR(Snprintf, std::snprintf(text, sizeof text, "%d", result),
             result = text[1])
RACELAB_PAIR(StringIsMade, result = std::string(text).size() > 2, text[1] = 'd')

RACELAB_PAIR(Qsort,
             std::qsort(text, 3, 1,
                        [](const void* a, const void* b) {
                          return *static_cast<const char*>(a) -
                                 *static_cast<const char*>(b);
                        }),
             result = text[1])
RACELAB_PAIR(Frexp, result = static_cast<int>(std::frexp(fraction, &number)),
             result = number)
RACELAB_PAIR(RandR, result = rand_r(&seed), seed = 2)
RACELAB_PAIR(GmtimeR, gmtime_r(&instant, &calendar), result = calendar.tm_hour)
RACELAB_PAIR(Strftime, std::strftime(text, sizeof text, "%H", &calendar),
             result = text[1])
RACELAB_PAIR(StrtokR, result = strtok_r(text, "b", &rest) == text,
             result = text[1])
RACELAB_PAIR(Wmemcpy, std::wmemcpy(wide, wide + 4, size / 8), result = wide[1])
RACELAB_PAIR(ClockGettime, clock_gettime(CLOCK_MONOTONIC, &moment),
             result = static_cast<int>(moment.tv_sec))

CONCURRENT_TEST(Right, CopyEndsBeforeTheOthersByte) {
  labkit::RunTogether([] { std::memcpy(text, other, size); },
                      [] { text[20] = 1; });
}
CONCURRENT_TEST(Right, ComparisonEndsAtTheFirstDifference) {
  labkit::RunTogether([] { result = std::memcmp(text, other, size); },
                      [] { text[3] = 1; });
}
