#include "labkit/labkit.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace {

using ::testing::ElementsAre;

int current_engine = 0;
std::vector<std::string>& Calls() {
  static auto* calls = new std::vector<std::string>;
  return *calls;
}

}  // namespace

// A runner's side of the hooks, which writes down what it is asked.
int racelab_declare_concurrent(const char* suite, const char* name, const char*,
                               int line, void (*body)()) {
  Calls().push_back(std::string("declare ") + suite + "." + name +
                    (line > 0 && body != nullptr ? "" : " wrongly"));
  return 1;
}
void racelab_run_concurrent(const char*, const char* name, const char*, int,
                            void (*body)()) {
  body();
  body();
  EXPECT_THAT(
      Calls(),
      ElementsAre(std::string("declare ConcurrentTest.") + name, "expect here",
                  "reached here", "expect here", "reached here"));
}
int racelab_engine() { return current_engine; }
void racelab_reached(const char* label, const char*, int) {
  Calls().push_back(std::string("reached ") + label);
}
void racelab_expect_reachable(const char* label, const char*, int) {
  Calls().push_back(std::string("expect ") + label);
}

namespace {

// What it calls is checked in racelab_run_concurrent above.
CONCURRENT_TEST(ConcurrentTest, IsDeclaredThenRunAsOftenAsTheRunnerLikes) {
  EXPECT_REACHABLE("here");
  REACHED("here");
}

// A student's type that pleases any test.
struct Agreeable {
  operator int() const { return 0; }
};
bool operator==(const Agreeable&, int) { return true; }

TEST(IsNumber, KnowsTheLanguagesOwnTypesByValueAndByReference) {
  EXPECT_TRUE(labkit::kIsNumber<int>);
  EXPECT_TRUE(labkit::kIsNumber<const size_t&>);
  EXPECT_TRUE(labkit::kIsNumber<bool&&>);
  EXPECT_FALSE(labkit::kIsNumber<Agreeable>);
  EXPECT_FALSE(labkit::kIsNumber<const Agreeable&>);
  EXPECT_TRUE(Agreeable() == 7);
}

TEST(ByEngine, GivesEachEngineItsSize) {
  const labkit::ByEngine size{.model = 2, .tsan = 3, .stress = 4, .process = 5};
  std::vector<int> sizes;
  for (current_engine = 0; current_engine < 4; ++current_engine) {
    sizes.push_back(size.get());
  }
  current_engine = 0;
  EXPECT_THAT(sizes, ElementsAre(2, 3, 4, 5));
}

TEST(ByEngine, TakesAMissingSizeFromTheEngineBefore) {
  constexpr labkit::ByEngine size{.model = 2, .stress = 4};
  EXPECT_EQ(size.For(labkit::EngineId::kTsan), 2);
  EXPECT_EQ(size.For(labkit::EngineId::kProcess), 4);
  EXPECT_EQ(labkit::ByEngine{}.For(labkit::EngineId::kStress), 1);
}

TEST(RunTogether, ReturnsWhenAllHaveEnded) {
  int a = 0, b = 0;
  labkit::RunTogether([&] { a = 1; }, [&] { b = 2; });
  EXPECT_EQ(a + b, 3);
}

TEST(RunThreads, GivesEachThreadItsNumber) {
  std::vector<int> seen(5, -1);
  labkit::RunThreads(5, [&](int i) { seen[i] = i; });
  EXPECT_THAT(seen, ElementsAre(0, 1, 2, 3, 4));
}

TEST(Occupancy, CountsWhoIsInside) {
  labkit::Occupancy room;
  EXPECT_EQ(room.Enter(), 1);
  EXPECT_EQ(room.Enter(), 2);
  room.Leave();
  EXPECT_EQ(room.now(), 1);
}

}  // namespace
