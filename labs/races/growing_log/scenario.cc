// A watch on the bridge: one officer writes, others read what is there.

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include "labkit/labkit.h"
#include "log.h"

namespace {

using ship::Entry;
using ship::Log;

// Entries in which every number follows from the first.
Entry EntryOf(int hour) { return {hour, hour + 90, hour + 7}; }

bool IsEntry(const Entry& entry) {
  return entry.course == entry.hour + 90 && entry.knots == entry.hour + 7;
}

TEST(Log, KeepsWhatIsWritten) {
  Log log;
  EXPECT_EQ(log.Size(), 0u);
  for (int hour = 0; hour < 5; ++hour) {
    EXPECT_EQ(log.Append(EntryOf(hour)), static_cast<size_t>(hour));
  }
  EXPECT_EQ(log.Size(), 5u);
  for (int hour = 0; hour < 5; ++hour) {
    EXPECT_EQ(log.At(hour).hour, hour);
    EXPECT_TRUE(IsEntry(log.At(hour)));
  }

  Log other_ship;
  EXPECT_EQ(other_ship.Size(), 0u) << "each log has its own entries";
  EXPECT_EQ(other_ship.Append(EntryOf(12)), 0u);
  EXPECT_EQ(other_ship.At(0).hour, 12);
  EXPECT_EQ(log.At(0).hour, 0);

  std::optional<Log> of_this_voyage;  // a new log where the last one lay
  for (const int hour : {6, 7}) {
    of_this_voyage.emplace().Append(EntryOf(hour));
    EXPECT_EQ(of_this_voyage->At(0).hour, hour)
        << "an entry of the last voyage";
  }
}

// A year, the 29th of February with it.
TEST(Log, GrowsThroughALongVoyage) {
  const int hours = 366 * 24;
  Log log;
  for (int hour = 0; hour < hours; ++hour) log.Append(EntryOf(hour));
  EXPECT_EQ(log.Size(), static_cast<size_t>(hours));
  EXPECT_EQ(log.At(0).hour, 0);
  EXPECT_EQ(log.At(hours - 1).hour, hours - 1);
}

CONCURRENT_TEST(Log, CanBeReadWhileItGrows) {
  const int more = labkit::ByEngine{.model = 1, .tsan = 3000}.get();
  Log log;
  log.Append(EntryOf(0));
  bool always_right = true;

  labkit::RunTogether(
      [&] {
        for (int hour = 1; hour <= more; ++hour) log.Append(EntryOf(hour));
      },
      [&] {
        for (int i = 0; i < more; ++i) {
          const Entry first = log.At(0);
          always_right &= first.hour == 0 && IsEntry(first);
        }
      });

  EXPECT_TRUE(always_right) << "entry 0 was written long ago, and is wrong";
}

CONCURRENT_TEST(Log, ShowsWhatItCounts) {
  const int more = labkit::ByEngine{.model = 2, .tsan = 3000}.get();
  const int looks = labkit::ByEngine{.model = 1, .tsan = 3000}.get();
  Log log;
  bool always_right = true;

  labkit::RunTogether(
      [&] {
        for (int hour = 0; hour < more; ++hour) log.Append(EntryOf(hour));
      },
      [&] {
        for (int i = 0; i < looks; ++i) {
          const size_t size = log.Size();
          if (size == 0) continue;
          const Entry last = log.At(size - 1);
          always_right &=
              last.hour == static_cast<int>(size) - 1 && IsEntry(last);
        }
      });

  EXPECT_TRUE(always_right) << "the last entry that was counted is not there";
}

CONCURRENT_TEST(Log, TakesEntriesFromTwoOfficers) {
  const int each =
      labkit::ByEngine{.model = 1, .tsan = 1000, .stress = 500}.get();
  Log log;
  bool own_entries = true;
  bool counted[2] = {true, true};
  bool right[2] = {true, true};

  labkit::RunThreads(2, [&](int me) {
    for (int i = 0; i < each; ++i) {
      const int hour = 2 * i + me;
      const size_t number = log.Append(EntryOf(hour));
      counted[me] &= log.Size() > number;
      right[me] &= log.At(number).hour == hour;
    }
  });

  own_entries = right[0] && right[1];
  EXPECT_TRUE(counted[0] && counted[1])
      << "an officer has written an entry, and it is not counted";
  EXPECT_TRUE(own_entries) << "an officer does not find what he has written";
  EXPECT_EQ(log.Size(), static_cast<size_t>(2 * each));
}

// Two write, and a third one reads the first and the last entry that he has
// heard of.
CONCURRENT_TEST(Log, ShowsWhatTwoOfficersWrite) {
  const int each = labkit::ByEngine{.model = 1, .tsan = 1000}.get();
  Log log;
  bool whole = true;
  const auto write = [&] {
    for (int i = 0; i < each; ++i) log.Append(EntryOf(i));
  };

  labkit::RunTogether(write, write, [&] {
    for (int i = 0; i < each; ++i) {
      const size_t size = log.Size();
      if (size == 0) continue;
      whole &= IsEntry(log.At(0)) && IsEntry(log.At(size - 1));
    }
  });

  EXPECT_TRUE(whole) << "an entry that was counted is not there";
}

// One writes while two read: they ask for the size, and for the first entry.
CONCURRENT_TEST(Log, IsReadByTwoAtOnce) {
  const int times = labkit::ByEngine{.model = 1, .tsan = 1000}.get();
  Log log;
  log.Append(EntryOf(0));
  bool right[2] = {true, true};
  const auto read = [&](bool* always) {
    for (int i = 0; i < times; ++i) {
      *always &= log.Size() > 0 && IsEntry(log.At(0));
    }
  };

  labkit::RunTogether([&] { read(&right[0]); }, [&] { read(&right[1]); },
                      [&] {
                        for (int i = 0; i < times; ++i) log.Append(EntryOf(i));
                      });

  EXPECT_TRUE(right[0] && right[1]);
}

// What the tests compare are plain values.
static_assert(labkit::kIsNumber<decltype(std::declval<Log&>().Append(Entry()))>,
              "Log::Append() gives a number");
static_assert(labkit::kIsNumber<decltype(std::declval<Log&>().Size())>,
              "Log::Size() gives a number");
static_assert(
    std::is_same_v<std::decay_t<decltype(std::declval<Log&>().At(0))>, Entry>,
    "Log::At() gives an Entry");
static_assert(labkit::kIsNumber<decltype(Entry::hour)>,
              "Entry::hour is a number");
static_assert(labkit::kIsNumber<decltype(Entry::course)>,
              "Entry::course is a number");
static_assert(labkit::kIsNumber<decltype(Entry::knots)>,
              "Entry::knots is a number");

}  // namespace
