#include <sched.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>

#include "labkit/process.h"
#include "ledger.h"

namespace {

// For a counter that nothing keeps from doing its work. If it spins for ever,
// for what a dead one has not given back, its processor time runs out some day.
void HaveSecondsOnly() {
  const rlimit seconds = {2, 2};
  setrlimit(RLIMIT_CPU, &seconds);
}

// Whether another counter can do this now.
template <typename Work>
bool AnotherCan(Work work) {
  labkit::Child counter([&] {
    HaveSecondsOnly();
    return work() ? 0 : 1;
  });
  return counter.Wait().ok();
}

// A counter that is killed between the debit and the credit of a transfer.
void CrashACounter(Ledger* ledger, int from, int to) {
  labkit::Child counter([&] {
    labkit::KillAt trouble("after the debit");
    Transfer(ledger, from, to, 10);
  });
  EXPECT_EQ(counter.Wait().signal, SIGKILL)
      << "the transfer must call AfterDebit()";
}

// The processor's trap flag stops this process after each of its instructions;
// the one after which nothing is left to do is the last.
constexpr greg_t kTrapFlag = 0x100;
volatile long instructions_left = 0;

void AfterAnInstruction(int, siginfo_t*, void* context) {
  if (instructions_left-- <= 0) kill(getpid(), SIGKILL);
  static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] |= kTrapFlag;
}

void KillAfterInstructions(long number) {
  struct sigaction action = {};
  action.sa_sigaction = AfterAnInstruction;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGTRAP, &action, nullptr);
  instructions_left = number;
  raise(SIGTRAP);
}

// A counter that is killed after so many instructions. False if what it does
// came to an end before.
template <typename Work>
bool CrashAfter(long instructions, Work work) {
  labkit::Child counter([&] {
    KillAfterInstructions(instructions);
    return work() ? 0 : 1;
  });
  const labkit::ExitStatus status = counter.Wait();
  if (status.signal == SIGKILL) return true;
  EXPECT_TRUE(status.ok()) << "there was enough on the account";
  return false;
}

bool CrashACounterAfter(Ledger* ledger, long instructions) {
  return CrashAfter(instructions,
                    [ledger] { return Transfer(ledger, 0, 1, 10); });
}

// A counter that only looks.
bool CrashAClerkAfter(Ledger* ledger, long instructions) {
  return CrashAfter(instructions, [ledger] { return Balance(ledger, 0) >= 0; });
}

// After each instruction; where an answer has very many, not quite each.
long Next(long instructions) {
  return instructions + (instructions < 1000 ? 1 : 37);
}

// A counter that writes slowly: until somebody has looked at the balances, or
// for as long as he would need.
struct Paper {
  std::atomic<bool> begun{false};
  std::atomic<bool> ended{false};
  std::atomic<bool> looked_at{false};
};
Paper* paper = nullptr;  // null: somebody who writes quickly
constexpr auto kWriting = std::chrono::milliseconds(100);

// The debits of counters who work side by side; null: nobody counts.
struct Debits {
  std::atomic<int> of[2]{};
};
Debits* debits = nullptr;
int me = 0;  // which of the two this counter is

// Each begins with the other: with its first debit it waits for the other's, or
// for as long as it would need if the other one has to wait for it.
void Count() {
  if (debits->of[me].fetch_add(1) > 0) return;
  const auto end = std::chrono::steady_clock::now() + kWriting;
  while (debits->of[1 - me].load() == 0 &&
         std::chrono::steady_clock::now() < end) {
    sched_yield();
  }
}

void Write() {
  paper->begun.store(true);
  const auto end = std::chrono::steady_clock::now() + kWriting;
  while (!paper->looked_at.load() && std::chrono::steady_clock::now() < end) {
    sched_yield();
  }
  paper->ended.store(true);
}

int Sum(Ledger* ledger) { return Balance(ledger, 0) + Balance(ledger, 1); }

TEST(Ledger, TheOthersGoOnAndNothingIsLost) {
  Ledger* ledger = OpenLedger(100, 100);
  CrashACounter(ledger, 0, 1);
  EXPECT_EQ(Sum(ledger), 200) << "money is missing after a crash";

  // Nobody has waited for this one yet: it is dead, and its number still taken.
  labkit::Child counter([&] {
    labkit::KillAt trouble("after the debit");
    Transfer(ledger, 0, 1, 10);
  });
  siginfo_t death;
  waitid(P_PID, counter.pid(), &death, WEXITED | WNOWAIT);
  EXPECT_EQ(Sum(ledger), 200) << "money is missing after another crash";
  EXPECT_EQ(counter.Wait().signal, SIGKILL);
  EXPECT_TRUE(Transfer(ledger, 1, 0, 30));
  EXPECT_EQ(Sum(ledger), 200);
  labkit::Child other([ledger] { return Transfer(ledger, 0, 1, 5) ? 0 : 1; });
  EXPECT_TRUE(other.Wait().ok()) << "another counter cannot go on";
  EXPECT_EQ(Sum(ledger), 200);
  CloseLedger(ledger);
}

TEST(Ledger, ASecondCrashIsContainedToo) {
  Ledger* ledger = OpenLedger(50, 0);
  CrashACounter(ledger, 0, 1);
  EXPECT_EQ(Sum(ledger), 50) << "money is missing after the first crash";
  // Enough for what follows, whether the crashed transfers happen or not.
  EXPECT_TRUE(Transfer(ledger, 0, 1, 25));
  CrashACounter(ledger, 1, 0);
  CrashACounter(ledger, 1, 0);
  EXPECT_TRUE(Transfer(ledger, 1, 0, 1));
  EXPECT_EQ(Sum(ledger), 50) << "money is missing after the second crash";
  CloseLedger(ledger);
}

// Who waits while another one crashes gets what that one has left.
TEST(Ledger, WhoWaitsMeanwhileGoesOnToo) {
  labkit::Shared<Paper> shared_paper;
  Ledger* ledger = OpenLedger(100, 100);
  labkit::Child counter([&] {
    paper = &*shared_paper;
    Transfer(ledger, 0, 1, 10);
    shared_paper->begun.store(true);
  });
  while (!shared_paper->begun.load()) sched_yield();
  const auto transfer = [ledger](int amount) {
    HaveSecondsOnly();
    return Transfer(ledger, 1, 0, amount) ? 0 : 1;
  };
  labkit::Child other([&] { return transfer(30); });
  labkit::Child another([&] { return transfer(5); });
  usleep(20'000);  // now they wait, if they have to
  counter.Kill();
  counter.Wait();
  EXPECT_TRUE(other.Wait().ok()) << "it waited for one that crashed";
  EXPECT_TRUE(another.Wait().ok()) << "it waited for one that crashed";
  EXPECT_EQ(Sum(ledger), 200) << "money is missing after a crash";
  CloseLedger(ledger);
}

// Each of these two goes on until a counter is not killed any more.
TEST(Ledger, AnyInstructionMayBeTheLast) {
  Ledger* ledger = OpenLedger(500'000, 500'000);
  int first = 500'000;
  for (long n = 0; CrashACounterAfter(ledger, n); n = Next(n)) {
    const int before = first;
    first = Balance(ledger, 0);
    ASSERT_EQ(first + Balance(ledger, 1), 1'000'000)
        << "money is missing after a crash in the middle of Transfer()";
    ASSERT_TRUE(first == before || first == before - 10)
        << before << " were on the account, and a transfer of 10 left "
        << first;
    // This one is done, whatever happens to the next one.
    ASSERT_TRUE(Transfer(ledger, 1, 0, 3)) << "there was enough";
    first += 3;
  }
  first = Balance(ledger, 0);
  for (long n = 0; CrashAClerkAfter(ledger, n); n += 1 + n / 50) {
    ASSERT_EQ(Balance(ledger, 0), first) << "somebody has only looked at it";
    ASSERT_EQ(Sum(ledger), 1'000'000);
    ASSERT_TRUE(AnotherCan([&] { return Transfer(ledger, 1, 0, 3); }))
        << "another counter cannot go on after one that only looked";
    first += 3;
  }
  CloseLedger(ledger);
}

TEST(Ledger, WhoPutsItInOrderMayCrashToo) {
  Ledger* ledger = OpenLedger(500'000, 500'000);
  CrashACounter(ledger, 0, 1);
  for (long n = 0; CrashACounterAfter(ledger, n); n = Next(n)) {
    const int first = Balance(ledger, 0);
    ASSERT_EQ(first + Balance(ledger, 1), 1'000'000)
        << "money is missing: a counter crashed after another one had";
    ASSERT_EQ(first % 10, 0) << "so much is on the account that gave tens";
    CrashACounter(ledger, 0, 1);
  }
  for (long n = 0; CrashAClerkAfter(ledger, n); n += 1 + n / 50) {
    const int first = Balance(ledger, 0);
    ASSERT_EQ(first + Balance(ledger, 1), 1'000'000)
        << "money is missing: somebody looked after a crash, and crashed too";
    ASSERT_EQ(first % 10, 0) << "so much is on the account that gave tens";
    CrashACounter(ledger, 0, 1);
  }
  EXPECT_EQ(Sum(ledger), 1'000'000);
  CloseLedger(ledger);
}

TEST(Ledger, FromAnAccountToItselfChangesNothing) {
  Ledger* ledger = OpenLedger(100, 50);
  EXPECT_TRUE(Transfer(ledger, 0, 0, 10));
  EXPECT_EQ(Balance(ledger, 0), 100) << "from an account to itself";
  EXPECT_TRUE(Transfer(ledger, 1, 1, 50));
  EXPECT_EQ(Balance(ledger, 1), 50) << "from an account to itself";
  EXPECT_EQ(Sum(ledger), 150);
  for (const int account : {0, 1}) {
    // It may end before: there is nothing to do.
    labkit::Child counter([&] {
      labkit::KillAt trouble("after the debit");
      return Transfer(ledger, account, account, 10) ? 0 : 1;
    });
    counter.Wait();
    EXPECT_EQ(Balance(ledger, 0), 100) << "a counter of account " << account
                                       << " crashed, which gave to itself";
    EXPECT_EQ(Balance(ledger, 1), 50);
  }
  EXPECT_TRUE(Transfer(ledger, 0, 0, 10));  // and leaves nobody outside
  EXPECT_TRUE(AnotherCan([&] { return Transfer(ledger, 1, 0, 50); }))
      << "another counter cannot go on";
  CloseLedger(ledger);
}

TEST(Ledger, EachBranchHasALedgerOfItsOwn) {
  Ledger* ledger = OpenLedger(100, 50);
  Ledger* branch = OpenLedger(7, 3);
  ASSERT_EQ(Sum(ledger), 150) << "another ledger has been opened";
  ASSERT_EQ(Sum(branch), 10);
  CrashACounter(ledger, 0, 1);
  EXPECT_EQ(Sum(branch), 10) << "a counter of another ledger has crashed";
  labkit::Child counter([branch] { return Transfer(branch, 0, 1, 7) ? 0 : 1; });
  EXPECT_TRUE(counter.Wait().ok()) << "there was enough on the account";
  EXPECT_EQ(Balance(branch, 0), 0);
  EXPECT_EQ(Balance(branch, 1), 10);
  EXPECT_EQ(Sum(ledger), 150) << "money is missing after a crash";
  CloseLedger(ledger);
  EXPECT_TRUE(Transfer(branch, 1, 0, 4)) << "another ledger has been closed";
  EXPECT_EQ(Balance(branch, 0), 4);
  EXPECT_EQ(Balance(branch, 1), 6);
  CloseLedger(branch);

  Ledger* rich = OpenLedger(1'000'000, 0);
  EXPECT_EQ(Balance(rich, 0), 1'000'000);
  EXPECT_TRUE(Transfer(rich, 0, 1, 1'000'000));
  EXPECT_EQ(Balance(rich, 0), 0);
  EXPECT_EQ(Balance(rich, 1), 1'000'000);
  CloseLedger(rich);
}

// What is seen while the counter writes is the old state: who has to wait for
// it comes when he has ended.
TEST(Ledger, NothingHalfDoneIsShown) {
  labkit::Shared<Paper> shared_paper;
  Ledger* ledger = OpenLedger(100, 100);
  labkit::Child counter([&] {
    paper = &*shared_paper;
    const bool done = Transfer(ledger, 0, 1, 10);
    paper->begun.store(true);
    paper->ended.store(true);
    return done ? 0 : 1;
  });
  while (!shared_paper->begun.load()) sched_yield();
  const int sum = Sum(ledger);
  const bool meanwhile = !shared_paper->ended.load();
  shared_paper->looked_at.store(true);
  EXPECT_TRUE(counter.Wait().ok()) << "there was enough on the account";
  if (meanwhile) EXPECT_EQ(sum, 200) << "a transfer was shown half done";
  EXPECT_EQ(Sum(ledger), 200);
  CloseLedger(ledger);
}

TEST(Ledger, CountersWorkSideBySide) {
  constexpr int kCounters = 2;
  constexpr int kTransfers = 200;
  labkit::Shared<std::atomic<int>> here;
  labkit::Shared<Debits> on_paper;
  Ledger* ledger = OpenLedger(1000, 1000);
  {
    std::unique_ptr<labkit::Child> counters[kCounters];
    for (int i = 0; i < kCounters; ++i) {
      counters[i] = std::make_unique<labkit::Child>([&, i] {
        debits = &*on_paper;
        me = i;
        ++*here;  // none has done its work before the other one comes
        while (here->load() < kCounters) sched_yield();
        int refused = 0;
        for (int n = 0; n < kTransfers; ++n) {
          if (!Transfer(ledger, i, 1 - i, 1)) ++refused;
        }
        return refused == 0 ? 0 : 1;
      });
    }
    for (auto& counter : counters) {
      EXPECT_TRUE(counter->Wait().ok()) << "there was enough on the account";
    }
  }
  const int told = on_paper->of[0].load() + on_paper->of[1].load();
  EXPECT_EQ(told, kCounters * kTransfers)
      << "AfterDebit() is called once for each transfer";
  EXPECT_EQ(Balance(ledger, 0), 1000);
  EXPECT_EQ(Balance(ledger, 1), 1000);
  EXPECT_FALSE(Transfer(ledger, 0, 1, 1001)) << "there is not enough";
  EXPECT_TRUE(AnotherCan([&] { return Transfer(ledger, 1, 0, 1); }))
      << "another counter cannot go on";
  EXPECT_FALSE(Transfer(ledger, 1, 0, 1000)) << "there is not enough any more";
  EXPECT_EQ(Balance(ledger, 0), 1001);
  EXPECT_EQ(Balance(ledger, 1), 999);
  CloseLedger(ledger);
}

}  // namespace

void AfterDebit() {
  labkit::KillPoint("after the debit");
  if (debits != nullptr) Count();
  if (paper != nullptr) Write();
  sched_yield();  // writing on paper takes a moment
}
