// An hour at the station: dispatchers change the board, and passengers ask for
// one train or look at all of them.

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "board.h"
#include "labkit/labkit.h"

namespace {

using station::Board;
using station::Departure;

// In this timetable a train leaves from the track that its minute says, so that
// one can see whether the two belong together.
Departure Train(int number, int minute) { return {number, minute, minute}; }

bool Fits(const Departure& departure) {
  return departure.minute == departure.track;
}

// The numbers of all trains, in the board's order.
std::vector<int> Trains(const Board& board) {
  std::vector<int> trains;
  for (const Departure& departure : board.All()) {
    trains.push_back(departure.train);
  }
  return trains;
}

TEST(Board, ShowsWhatIsAnnounced) {
  Board board;
  EXPECT_EQ(Trains(board), std::vector<int>{}) << "nothing is announced yet";
  board.HasLeft(512);  // it was never there

  board.Announce(Train(512, 10));
  board.Announce(Train(74, 12));
  board.Announce(Train(8, 14));
  board.Change(512, 15, 3);

  const Departure first = board.Find(512);
  EXPECT_EQ(first.minute, 15);
  EXPECT_EQ(first.track, 3);
  const Departure none = board.Find(999);
  EXPECT_EQ(none.train, 0) << "no such train";
  EXPECT_TRUE(none.minute == 0 && none.track == 0) << "no such train";

  EXPECT_EQ(Trains(board), (std::vector<int>{512, 74, 8}));

  board.HasLeft(512);
  EXPECT_EQ(board.Find(512).train, 0);
  EXPECT_EQ(Trains(board), (std::vector<int>{74, 8})) << "512 has left";
  board.HasLeft(512);
  EXPECT_EQ(Trains(board), (std::vector<int>{74, 8})) << "512 had left before";

  Board next_station;
  next_station.Announce(Train(512, 40));
  EXPECT_EQ(Trains(next_station), std::vector<int>{512});
  EXPECT_EQ(board.Find(512).train, 0) << "each station has its own board";

  board.Announce(Train(512, 50));
  const Departure back = board.Find(512);
  EXPECT_EQ(back.minute, 50) << "512 is back";
  EXPECT_EQ(Trains(board), (std::vector<int>{74, 8, 512})) << "512 is the last";
}

TEST(Board, GivesItsAnswersAway) {
  Board board;
  board.Announce(Train(512, 10));
  board.Announce(Train(74, 12));

  // Bound to references on purpose: this keeps a returned value alive as well.
  const Departure& one = board.Find(512);
  const Departure& other = board.Find(74);
  EXPECT_EQ(one.train, 512) << "asking for 74 changed the answer about 512";
  EXPECT_EQ(other.train, 74);

  const auto& before = board.All();
  board.Change(512, 20, 20);
  EXPECT_EQ(one.minute, 10) << "the answer changed when the board did";
  const auto& after = board.All();
  for (const Departure& departure : after) {
    if (departure.train == 512) EXPECT_EQ(departure.minute, 20);
  }
  for (const Departure& departure : before) {
    if (departure.train != 512) continue;
    EXPECT_EQ(departure.minute, 10) << "asking again changed the first list";
  }
}

CONCURRENT_TEST(Board, AnswersWhileATrainIsChanged) {
  const int changes = labkit::ByEngine{.model = 1, .tsan = 2000}.get();
  Board board;
  board.Announce(Train(512, 10));
  bool always_there = true;
  bool always_fits = true;

  labkit::RunTogether(
      [&] {
        for (int i = 1; i <= changes; ++i) board.Change(512, 10 + i, 10 + i);
      },
      [&] {
        for (int i = 0; i < changes; ++i) {
          const Departure departure = board.Find(512);
          always_there &= departure.train == 512;
          always_fits &= Fits(departure);
          int listed = 0;
          for (const Departure& line : board.All()) {
            ++listed;
            always_fits &= Fits(line);
          }
          always_there &= listed == 1;
        }
      });

  EXPECT_TRUE(always_there) << "a train that is changed has not left";
  EXPECT_TRUE(always_fits) << "an old minute with a new track";
}

CONCURRENT_TEST(Board, AnswersWhileATrainLeaves) {
  Board board;
  board.Announce(Train(512, 10));
  board.Announce(Train(74, 12));
  board.Announce(Train(8, 14));
  int seen = 0;

  labkit::RunTogether([&] { board.HasLeft(512); },
                      [&] {
                        const Departure departure = board.Find(74);
                        seen = departure.train;
                      });

  EXPECT_EQ(seen, 74) << "train 74 was on the board all the time";
}

// A passenger who stops in the middle of each list until one more train has
// been announced, and a dispatcher who announces none before: on a busy machine
// one of the two could be done before the other begins. All relaxed: nothing
// here may order what the board leaves unordered.
class Pace {
 public:
  explicit Pace(bool kept) : kept_(kept) {}

  void BeforeATrain(int train) { Await(stops_, train); }
  void AfterATrain(int train) { Tell(trains_, train); }

  void InTheMiddle(int list) {
    Tell(stops_, list);
    // A board may have the dispatcher wait for whoever holds a list.
    if (patient_) patient_ = Await(trains_, list);
  }
  void AfterAList(int list) { Tell(stops_, list); }

 private:
  void Tell(std::atomic<int>& to, int number) {
    if (kept_) to.store(number, std::memory_order_relaxed);
  }

  // False if it took too long.
  bool Await(const std::atomic<int>& from, int number) {
    if (!kept_) return true;
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
    while (from.load(std::memory_order_relaxed) < number) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }

  const bool kept_;      // not in the model, where all meet anyway
  bool patient_ = true;  // the passenger's
  std::atomic<int> stops_{0};
  std::atomic<int> trains_{0};
};

CONCURRENT_TEST(Board, ListsWhileATrainIsAnnounced) {
  const int trains = labkit::ByEngine{.model = 1, .tsan = 20}.get();
  Pace pace(trains > 1);
  Board board;
  board.Announce(Train(1, 1));
  bool always_fits = true;
  bool never_fewer = true;

  labkit::RunTogether(
      [&] {
        for (int i = 1; i <= trains; ++i) {
          pace.BeforeATrain(i);
          board.Announce(Train(1 + i, 1 + i));
          pace.AfterATrain(i);
        }
      },
      [&] {
        int before = 0;
        for (int i = 1; i <= trains; ++i) {
          int count = 0;
          for (const Departure& departure : board.All()) {
            if (++count == 1) pace.InTheMiddle(i);
            always_fits &= Fits(departure) && departure.train == count;
          }
          pace.AfterAList(i);
          never_fewer &= count >= before && count > 0;
          before = count;
          const Departure first = board.Find(1);
          always_fits &= Fits(first) && first.train == 1;
        }
      });

  EXPECT_TRUE(always_fits) << "a list with trains that were never announced so";
  EXPECT_TRUE(never_fewer);
}

CONCURRENT_TEST(Board, ListsWhileATrainLeaves) {
  Board board;
  board.Announce(Train(512, 10));
  board.Announce(Train(74, 12));
  int listed = 0;
  int strangers = 0;

  labkit::RunTogether([&] { board.HasLeft(512); },
                      [&] {
                        for (const Departure& departure : board.All()) {
                          if (departure.train == 74) {
                            ++listed;
                          } else if (departure.train != 512) {
                            ++strangers;
                          }
                        }
                      });

  EXPECT_EQ(listed, 1) << "train 74 was on the board all the time";
  EXPECT_EQ(strangers, 0) << "only 512 and 74 were ever announced";
}

// Two dispatchers: each announces a train, and takes one off.
CONCURRENT_TEST(Board, LosesNoTrain) {
  Board board;
  board.Announce(Train(8, 6));
  board.Announce(Train(30, 8));

  labkit::RunTogether(
      [&] {
        board.Announce(Train(512, 10));
        board.HasLeft(8);
      },
      [&] {
        board.Announce(Train(74, 12));
        board.HasLeft(30);
      });

  const std::vector<int> trains = Trains(board);
  EXPECT_TRUE(trains == (std::vector<int>{512, 74}) ||
              trains == (std::vector<int>{74, 512}))
      << "512 and 74 were announced, 8 and 30 have left";
}

// Both dispatchers change train 512; besides, one takes off the train before
// it, and the other changes the one behind it.
CONCURRENT_TEST(Board, LosesNoChange) {
  Board board;
  board.Announce(Train(8, 6));
  board.Announce(Train(512, 10));
  board.Announce(Train(74, 12));

  labkit::RunTogether(
      [&] {
        board.HasLeft(8);
        board.Change(512, 15, 15);
      },
      [&] {
        board.Change(512, 20, 20);
        board.Change(74, 30, 30);
      });

  const Departure twice = board.Find(512);
  EXPECT_TRUE(twice.minute == 15 || twice.minute == 20)
      << "train 512 was changed";
  EXPECT_TRUE(Fits(twice)) << "the minute of one, the track of the other";
  const Departure once = board.Find(74);
  EXPECT_EQ(once.minute, 30) << "train 74 was changed";
}

// Each asks for a train and for the list.
CONCURRENT_TEST(Board, AnswersTwoAtOnce) {
  const int questions = labkit::ByEngine{.model = 1, .tsan = 2000}.get();
  Board board;
  board.Announce(Train(512, 10));
  board.Announce(Train(74, 12));
  bool right[2] = {true, true};

  labkit::RunThreads(2, [&](int me) {
    const int train = me == 0 ? 512 : 74;
    for (int i = 0; i < questions; ++i) {
      const Departure departure = board.Find(train);
      right[me] &= departure.train == train;
      right[me] &= Trains(board) == std::vector<int>{512, 74};
    }
  });

  EXPECT_TRUE(right[0] && right[1]) << "one got the other's answer";
}

// What the tests compare are plain values.
static_assert(labkit::kIsNumber<decltype(Departure::train)>,
              "Departure::train is a number");
static_assert(labkit::kIsNumber<decltype(Departure::minute)>,
              "Departure::minute is a number");
static_assert(labkit::kIsNumber<decltype(Departure::track)>,
              "Departure::track is a number");

}  // namespace
