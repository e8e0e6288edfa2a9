// Six in the morning: the station posts, skippers look.

#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "labkit/labkit.h"
#include "noticeboard.h"

namespace {

using harbour::Noticeboard;
using harbour::Report;

constexpr Report kGale = {.wind_knots = 38,
                          .gusts_knots = 52,
                          .wave_centimetres = 450,
                          .pressure_hectopascal = 982};

// So steady that two numbers are alike: what is whole cannot be told from what
// the numbers add up to.
constexpr Report kBreeze = {.wind_knots = 9,
                            .gusts_knots = 9,
                            .wave_centimetres = 60,
                            .pressure_hectopascal = 1016};

bool IsWhole(const Report& seen, const Report& posted) {
  return seen.wind_knots == posted.wind_knots &&
         seen.gusts_knots == posted.gusts_knots &&
         seen.wave_centimetres == posted.wave_centimetres &&
         seen.pressure_hectopascal == posted.pressure_hectopascal;
}

TEST(Noticeboard, ShowsWhatWasPosted) {
  Noticeboard board;
  EXPECT_FALSE(board.Look().has_value());
  Report draft = kGale;
  board.Post(draft);
  draft = kBreeze;
  ASSERT_TRUE(board.Look().has_value());
  EXPECT_TRUE(IsWhole(*board.Look(), kGale))
      << "what becomes of the draft is no matter to the board";

  // A calm, at another harbour, from a station whose barometer is broken.
  Noticeboard calm;
  EXPECT_FALSE(calm.Look().has_value()) << "posted on another board only";
  calm.Post(Report{});
  EXPECT_TRUE(calm.Look().has_value()) << "a report of zeros is a report";
  ASSERT_TRUE(board.Look().has_value());
  EXPECT_TRUE(IsWhole(*board.Look(), kGale)) << "this is another board's";

  // Whatever the instruments say.
  for (const int number : {-1, -999, -9999, INT32_MIN, INT32_MAX}) {
    Noticeboard odd;
    const Report report = {number, number, number, number};
    odd.Post(report);
    ASSERT_TRUE(odd.Look().has_value()) << number << " is no report?";
    EXPECT_TRUE(IsWhole(*odd.Look(), report)) << number << " was posted";
  }

  std::vector<Noticeboard> along_the_coast(100);
  for (Noticeboard& other : along_the_coast) other.Post(kBreeze);
  ASSERT_TRUE(board.Look().has_value());
  EXPECT_TRUE(IsWhole(*board.Look(), kGale)) << "this is another board's";
}

CONCURRENT_TEST(Noticeboard, ShowsTheWholeReportOrNothing) {
  const int looks = labkit::ByEngine{.model = 2, .tsan = 20000}.get();
  Noticeboard board;
  bool seen = false;
  bool always_whole = true;
  bool stays = true;

  labkit::RunTogether([&] { board.Post(kGale); },
                      [&] {
                        for (int i = 0; i < looks; ++i) {
                          const std::optional<Report> report = board.Look();
                          if (seen && !report.has_value()) stays = false;
                          if (!report.has_value()) continue;
                          seen = true;
                          always_whole &= IsWhole(*report, kGale);
                        }
                      });

  EXPECT_TRUE(always_whole) << "a skipper put to sea with half a report";
  EXPECT_TRUE(stays) << "the report was there, and then it was not";
  EXPECT_TRUE(board.Look().has_value());
}

CONCURRENT_TEST(Noticeboard, ServesSeveralSkippers) {
  const int looks = labkit::ByEngine{.model = 1, .tsan = 20000}.get();
  Noticeboard board;
  bool whole[2] = {true, true};
  const auto skipper = [&board, &whole, looks](int me) {
    for (int i = 0; i < looks; ++i) {
      const std::optional<Report> report = board.Look();
      if (report.has_value()) whole[me] &= IsWhole(*report, kBreeze);
    }
  };

  labkit::RunTogether([&] { skipper(0); }, [&] { skipper(1); },
                      [&] { board.Post(kBreeze); });

  EXPECT_TRUE(whole[0] && whole[1]);

  // It is up now, and nobody is in another one's way.
  bool seen[2] = {};
  labkit::RunTogether([&] { seen[0] = board.Look().has_value(); },
                      [&] { seen[1] = board.Look().has_value(); });
  EXPECT_TRUE(seen[0] && seen[1]) << "it was posted, and a skipper saw nothing";
}

// A skipper who finds nothing must come away, even if the station posts later.
CONCURRENT_TEST(Noticeboard, LetsASkipperGoWithoutAReport) {
  EXPECT_REACHABLE("a skipper found nothing");
  EXPECT_REACHABLE("a skipper found the report");
  Noticeboard board;

  labkit::RunTogether([&] { board.Post(kGale); },
                      [&] {
                        if (board.Look().has_value()) {
                          REACHED("a skipper found the report");
                        } else {
                          REACHED("a skipper found nothing");
                        }
                      });
}

// What the tests compare are plain values.
static_assert(std::is_same_v<decltype(std::declval<Noticeboard&>().Look()),
                             std::optional<Report>>,
              "Noticeboard::Look() gives a std::optional<Report>");
static_assert(labkit::kIsNumber<decltype(Report::wind_knots)>,
              "Report::wind_knots is a number");
static_assert(labkit::kIsNumber<decltype(Report::gusts_knots)>,
              "Report::gusts_knots is a number");
static_assert(labkit::kIsNumber<decltype(Report::wave_centimetres)>,
              "Report::wave_centimetres is a number");
static_assert(labkit::kIsNumber<decltype(Report::pressure_hectopascal)>,
              "Report::pressure_hectopascal is a number");

}  // namespace
