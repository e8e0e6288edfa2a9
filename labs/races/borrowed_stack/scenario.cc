// A busy office: people hand in pages and throw their own copies away.

#include <atomic>
#include <memory>
#include <mutex>
#include <numeric>
#include <utility>
#include <vector>

#include "labkit/labkit.h"
#include "print_queue.h"

namespace {

using office::PrintQueue;

// Keeps what was printed, for at most two jobs. Each job's list is written by
// the one who prints the job.
class Copier : public office::Printer {
 public:
  void Print(int job, int page) override {
    if (job < 1 || job > 2) {
      nobodys_pages_.fetch_add(1, std::memory_order_relaxed);
    } else {
      printed_[job].push_back(page);
    }
  }
  const std::vector<int>& Of(int job) const { return printed_[job]; }
  int NobodysPages() const {
    return nobodys_pages_.load(std::memory_order_relaxed);
  }

 private:
  std::vector<int> printed_[3];
  std::atomic<int> nobodys_pages_{0};
};

CONCURRENT_TEST(PrintQueue, PrintsWhatWasHandedIn) {
  const int rounds = labkit::ByEngine{.model = 1, .tsan = 50}.get();
  for (int i = 0; i < rounds; ++i) {
    Copier copier;
    {
      PrintQueue queue(copier);
      std::vector<int> pages = {7, 8};
      EXPECT_EQ(queue.Submit(pages), 1);
      pages[0] = 99;  // the next draft
    }
    EXPECT_EQ(copier.Of(1), (std::vector<int>{7, 8}));
    EXPECT_EQ(copier.NobodysPages(), 0) << "pages with a strange job number";
  }
}

CONCURRENT_TEST(PrintQueue, KeepsJobsApart) {
  const int rounds = labkit::ByEngine{.model = 1, .tsan = 50}.get();
  for (int i = 0; i < rounds; ++i) {
    Copier copier;
    {
      PrintQueue queue(copier);
      for (int page : {3, 4}) {
        const auto pages = std::make_unique<std::vector<int>>(1, page);
        queue.Submit(*pages);
      }
    }
    EXPECT_EQ(copier.Of(1), std::vector<int>{3});
    EXPECT_EQ(copier.Of(2), std::vector<int>{4});
    EXPECT_EQ(copier.NobodysPages(), 0) << "pages with a strange job number";
  }
}

// A whole day's jobs: each is a page longer than the one before.
class Shelf : public office::Printer {
 public:
  explicit Shelf(int jobs) : printed_(jobs) {}
  void Print(int job, int page) override {
    if (job >= 1 && job <= static_cast<int>(printed_.size())) {
      printed_[job - 1].push_back(page);
    }
  }
  const std::vector<std::vector<int>>& printed() const { return printed_; }

 private:
  std::vector<std::vector<int>> printed_;  // each by the one who prints it
};

CONCURRENT_TEST(PrintQueue, PrintsAWholeDay) {
  const int jobs = labkit::ByEngine{.model = 3, .tsan = 150}.get();
  const auto pages_of = [](int job) {
    std::vector<int> pages(job);
    std::iota(pages.begin(), pages.end(), job);
    return pages;
  };
  Shelf shelf(jobs);
  {
    PrintQueue queue(shelf);
    for (int job = 1; job <= jobs; ++job) {
      const auto pages = std::make_unique<std::vector<int>>(pages_of(job));
      EXPECT_EQ(queue.Submit(*pages), job);
    }
  }
  for (int job = 1; job <= jobs; ++job) {
    ASSERT_EQ(shelf.printed()[job - 1], pages_of(job))
        << "the pages of job " << job;
  }
}

// Two offices with a queue each, and a job that somebody has handed in empty.
// In a third one it is a holiday.
CONCURRENT_TEST(PrintQueue, CountsItsOwnJobs) {
  Copier here;
  Copier there;
  {
    const PrintQueue nobodys(here);
  }
  {
    PrintQueue ours(here);
    PrintQueue theirs(there);
    EXPECT_EQ(ours.Submit({}), 1);
    EXPECT_EQ(theirs.Submit({5}), 1) << "a queue counts from one";
    EXPECT_EQ(ours.Submit({6}), 2);
  }
  EXPECT_EQ(here.Of(1), std::vector<int>{}) << "a job without pages";
  EXPECT_EQ(here.Of(2), std::vector<int>{6});
  EXPECT_EQ(there.Of(1), std::vector<int>{5});
}

// Tells whether anything has come out yet.
class Tray : public office::Printer {
 public:
  void Print(int, int) override {
    anything_.store(true, std::memory_order_relaxed);
  }
  bool Empty() const { return !anything_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> anything_{false};
};

CONCURRENT_TEST(PrintQueue, DoesNotWaitForThePrinter) {
  EXPECT_REACHABLE("back at work before the first page is out");
  EXPECT_REACHABLE("a page is out while the queue is open");
  EXPECT_REACHABLE("the first job is out before there is a second");
  Tray tray;
  const std::vector<int> pages = {1};
  PrintQueue queue(tray);
  queue.Submit(pages);
  if (!tray.Empty()) {
    REACHED("the first job is out before there is a second");
  }
  queue.Submit(pages);
  if (tray.Empty()) {
    REACHED("back at work before the first page is out");
  } else {
    REACHED("a page is out while the queue is open");
  }
}

// Prints nothing before it is switched on: whoever prints waits for the lock.
class SleepingPrinter : public office::Printer {
 public:
  SleepingPrinter() { off_.lock(); }
  void SwitchOn() { off_.unlock(); }
  void Print(int, int) override {
    const std::lock_guard<std::mutex> guard(off_);
    ++printed_;
  }
  int printed() const { return printed_; }

 private:
  std::mutex off_;
  int printed_ = 0;
};

// However many jobs there are already. The office next door has a printer of
// its own, which is awake.
CONCURRENT_TEST(PrintQueue, TakesJobsWhileThePrinterSleeps) {
  const int jobs = labkit::ByEngine{.model = 3, .tsan = 120}.get();
  SleepingPrinter printer;
  Copier next_door;
  {
    PrintQueue queue(printer);
    for (int job = 0; job < jobs; ++job) queue.Submit({1});
    PrintQueue(next_door).Submit({5});
    EXPECT_EQ(next_door.Of(1), std::vector<int>{5}) << "the other queue's job";
    printer.SwitchOn();
  }
  EXPECT_EQ(printer.printed(), jobs) << "pages in the tray";
}

// What the tests compare are plain values.
static_assert(labkit::kIsNumber<decltype(std::declval<PrintQueue&>().Submit(
                  std::vector<int>()))>,
              "PrintQueue::Submit() gives a number");

}  // namespace
