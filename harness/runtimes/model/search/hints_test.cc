#include "runtimes/model/search/hints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "runtimes/model/search/toy_world.h"

namespace racelab::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> HintsFor(const ToyProgram& program) {
  DriverHooks hooks;
  hooks.locate = [](uintptr_t pc) {
    verdict::SourceLocation place;
    place.file = "student/toy.cc";
    place.line = static_cast<int>(pc);
    return place;
  };
  const verdict::Judgement result = CheckTest(
      "Suite.Test",
      [&](const WorldOptions& options) {
        return std::make_unique<ToyWorld>(program, options);
      },
      {}, hooks);
  EXPECT_EQ(result.result.outcome, verdict::Outcome::kFail);
  return result.result.finding ? result.result.finding->hints
                               : std::vector<std::string>{};
}

// Thread 0 writes data (variable 0) and raises a flag (variable 1).
ToyProgram MessagePassing(Order store, Order load) {
  return {.threads = {{Store(0, 7), Store(1, 1, store)},
                      {Load(1, 0, load), SkipUnless(0, 1, 2), Load(0, 1),
                       Expect(1, 7)}},
          .weak = true};
}

TEST(Hints, NameTheOneOrderThatWasTooWeak) {
  EXPECT_THAT(HintsFor(MessagePassing(Order::kRelease, Order::kRelaxed)),
              ElementsAre("Acquire instead of relaxed at student/toy.cc:2000 "
                          "would have excluded this failure."));
  EXPECT_THAT(HintsFor(MessagePassing(Order::kRelaxed, Order::kAcquire)),
              ElementsAre("Release instead of relaxed at student/toy.cc:1001 "
                          "would have excluded this failure."));
}

TEST(Hints, NameBothSidesWhereOneIsNotEnough) {
  EXPECT_THAT(HintsFor(MessagePassing(Order::kRelaxed, Order::kRelaxed)),
              ElementsAre("Release instead of relaxed at student/toy.cc:1001 "
                          "and acquire instead of relaxed at "
                          "student/toy.cc:2000 would have excluded this "
                          "failure."));
}

TEST(Hints, ListAllThatAreNeededNoStrongerThanTheyNeedToBe) {
  // The second thread passes on what it has seen of the first one.
  EXPECT_THAT(
      HintsFor({.threads = {{Store(0, 7), Store(1, 1)},
                            {Load(1, 0), SkipUnless(0, 1, 1), Store(2, 1)},
                            {Load(2, 0), SkipUnless(0, 1, 2), Load(0, 1),
                             Expect(1, 7)}},
                .weak = true}),
      ElementsAre("Release instead of relaxed at student/toy.cc:1001, "
                  "acquire instead of relaxed at student/toy.cc:2000, "
                  "release instead of relaxed at student/toy.cc:2002 and "
                  "acquire instead of relaxed at student/toy.cc:3000 would "
                  "have excluded this failure."));
}

TEST(Hints, SayNothingWhereNoOrderHelps) {
  // The flag is raised before the data is there.
  EXPECT_THAT(HintsFor({.threads = {{Store(1, 1), Store(0, 7)},
                                    {Load(1, 0), SkipUnless(0, 1, 2),
                                     Load(0, 1), Expect(1, 7)}},
                        .weak = true}),
              IsEmpty());
  // One failure is a matter of order, another is not.
  ToyProgram both = MessagePassing(Order::kRelease, Order::kRelaxed);
  both.threads.push_back({Load(2, 0), Expect(0, 0)});
  both.threads[0].push_back(Store(2, 1));
  EXPECT_THAT(HintsFor(both), IsEmpty());
}

}  // namespace
}  // namespace racelab::model
