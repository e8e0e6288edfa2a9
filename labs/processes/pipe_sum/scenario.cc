#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

#include "labkit/process.h"
#include "till.h"

namespace {

void ExpectTotals(const std::vector<int32_t>& amounts) {
  std::vector<int64_t> totals;
  int64_t total = 0;
  for (const int32_t amount : amounts) {
    total += amount;
    totals.push_back(total);
  }
  const std::vector<int64_t> got = RunningTotals(amounts);
  ASSERT_EQ(got.size(), totals.size()) << "a total for each amount";
  EXPECT_TRUE(got == totals) << "the totals are not right";
}

void ExpectTotals(int count) {
  std::vector<int32_t> amounts;
  for (int i = 0; i < count; ++i) amounts.push_back(i % 7 - 2);
  ExpectTotals(amounts);
}

TEST(Till, AddsUpAFewAmounts) {
  ExpectTotals(3);
  ExpectTotals(0);
  // A good day, and a bad one: a total need not fit into an amount.
  ExpectTotals({INT32_MAX, 1, INT32_MAX});
  ExpectTotals({INT32_MIN, -1});

  // The screen has other children, too. This one has ended already.
  labkit::Child printer([] { return 3; });
  siginfo_t end;
  waitid(P_PID, printer.pid(), &end, WEXITED | WNOWAIT);
  ExpectTotals(2);
  EXPECT_EQ(printer.Wait().code, 3);
  labkit::Child scales([] { return 4; });
  EXPECT_EQ(scales.Wait().code, 4);
}

// 280,000 bytes of amounts and 560,000 bytes of totals.
TEST(Till, AddsUpMoreThanAPipeHolds) { ExpectTotals(70'000); }

// What happens at each fork, in the parent: the pipes that were made since the
// test began shrink to a page, as those of a user who has very many of them.
constexpr int kDescriptors = 256;
bool was_open[kDescriptors];
bool shrinking = false;
int children = 0;

void AtAFork() {
  ++children;
  if (!shrinking) return;
  for (int fd = 0; fd < kDescriptors; ++fd) {
    if (!was_open[fd]) fcntl(fd, F_SETPIPE_SZ, 4096);
  }
}

TEST(Till, NeedsNoLargePipe) {
  pthread_atfork(AtAFork, nullptr, nullptr);
  for (int fd = 0; fd < kDescriptors; ++fd) {
    was_open[fd] = fcntl(fd, F_GETFD) >= 0;
  }
  shrinking = true;
  ExpectTotals(40'000);
  shrinking = false;
}

// The amounts of the test that runs. In a child they are gone if they are to be
// hidden: it inherits the parent's memory, and they are to come through a pipe.
std::vector<int32_t> inherited;
bool hiding = false;

void InTheChild() {
  if (!hiding) return;
  for (int32_t& amount : inherited) amount = 0;
}

// What this process and the children that it has waited for have read.
long BytesRead() {
  long bytes = 0;
  FILE* const io = fopen("/proc/self/io", "r");
  if (io == nullptr) return 0;
  if (fscanf(io, "rchar: %ld", &bytes) != 1) bytes = 0;
  fclose(io);
  return bytes;
}

// Not every kernel counts them.
bool ReadingIsCounted() {
  static char bytes[4096];
  const long before = BytesRead();
  labkit::Pipe pipe;
  labkit::Child reader([&] {
    return read(pipe.read_end(), bytes, sizeof bytes) == sizeof bytes ? 0 : 1;
  });
  const ssize_t written = write(pipe.write_end(), bytes, sizeof bytes);
  return reader.Wait().ok() && written == sizeof bytes &&
         BytesRead() - before >= written;
}

// An amount and its total have 12 bytes, and not much less however they are
// written.
TEST(Till, IsSentTheAmountsAndSendsTheTotals) {
  const bool counted = ReadingIsCounted();
  constexpr int kAmounts = 4000;
  std::vector<int32_t> amounts;
  for (int i = 0; i < kAmounts; ++i) amounts.push_back(INT32_MAX - 7919 * i);
  const long before = BytesRead();
  ExpectTotals(amounts);
  const long read = BytesRead() - before;
  if (counted) EXPECT_GE(read, 10 * kAmounts) << "bytes came through the pipes";
}

// Whether a child was ended by somebody else.
volatile sig_atomic_t was_killed = 0;

void WhenAChildEnds(int, siginfo_t* end, void*) {
  if (end->si_code != CLD_EXITED) was_killed = 1;
}

TEST(Till, IsAProcessOfItsOwn) {
  pthread_atfork(AtAFork, nullptr, InTheChild);
  struct sigaction action = {};
  action.sa_sigaction = WhenAChildEnds;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigaction(SIGCHLD, &action, nullptr);
  ExpectTotals(3);
  EXPECT_EQ(was_killed, 0) << "the till ends by itself: nobody kills it";
  EXPECT_GE(children, 1) << "nobody was forked: who is the till?";

  // With several children one may feed the till from what it inherits.
  hiding = children == 1;
  inherited = {2, 3, 5};
  EXPECT_EQ(RunningTotals(inherited), (std::vector<int64_t>{2, 5, 10}))
      << "the amounts did not come through the pipe";
  hiding = false;
}

TEST(Till, SurvivesShortAndInterruptedTransfers) {
  labkit::ShortIo trouble(/*max_bytes=*/3, /*interrupt_every=*/5);
  ExpectTotals(200);
}

void StartTheClock() {
  const itimerval often = {{0, 50}, {0, 50}};
  setitimer(ITIMER_REAL, &often, nullptr);
}

void StopTheClock() {
  const itimerval never = {};
  setitimer(ITIMER_REAL, &never, nullptr);
}

// From the fork on the screen's clock ticks, and interrupts whatever waits.
// While somebody forks it stands still: a fork that takes longer than a tick
// would be begun again and again.
TEST(Till, WaitsForItsEndWhenInterrupted) {
  struct sigaction action = {};
  action.sa_handler = [](int) {};  // no SA_RESTART
  sigaction(SIGALRM, &action, nullptr);
  pthread_atfork(StopTheClock, StartTheClock, nullptr);
  for (int day = 0; day < 30; ++day) {
    const std::vector<int64_t> totals = RunningTotals({2, 3, 5});
    StopTheClock();
    EXPECT_EQ(totals, (std::vector<int64_t>{2, 5, 10}));
    siginfo_t till;
    const bool is_left =
        waitid(P_ALL, 0, &till, WEXITED | WNOHANG | WNOWAIT) == 0;
    ASSERT_FALSE(is_left)
        << "a signal came, and nobody has waited for the till";
  }
}

}  // namespace
