#include "runtimes/common/expectations.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <string_view>
#include <utility>

#include "runtimes/common/expectation_text.h"

namespace racelab::runtimes {
namespace {

// Before the text of an exception, in GoogleTest's message.
constexpr std::string_view kDescription = "description \"";

ExpectationFailure ToFailure(const testing::TestPartResult& part) {
  return {.file = part.line_number() > 0 && part.file_name() != nullptr
                      ? part.file_name()
                      : "",
          .line = part.line_number() > 0 ? part.line_number() : 0,
          .message = part.message(),
          .fatal = part.fatally_failed()};
}

// Collects what GoogleTest reports while one test runs.
class Listener : public testing::EmptyTestEventListener {
 public:
  explicit Listener(GoogleTestRun& run) : run_(run) {}

  void OnTestStart(const testing::TestInfo&) override { run_.ran = true; }
  void OnTestPartResult(const testing::TestPartResult& part) override {
    if (part.skipped()) run_.skipped = true;
    if (part.failed()) run_.failures.push_back(ToFailure(part));
  }

 private:
  GoogleTestRun& run_;
};

}  // namespace

// Stands in for GoogleTest's own reporter of all threads; the base class puts
// the former one back at the end.
class ExpectationScope::Reporter
    : public testing::ScopedFakeTestPartResultReporter {
 public:
  Reporter(std::function<void(const ExpectationFailure&)> on_failure,
           std::function<void()> on_skip)
      : ScopedFakeTestPartResultReporter(INTERCEPT_ALL_THREADS, &unused_),
        on_failure_(std::move(on_failure)),
        on_skip_(std::move(on_skip)) {}

  void ReportTestPartResult(const testing::TestPartResult& part) override {
    if (part.failed()) on_failure_(ToFailure(part));
    if (part.skipped()) on_skip_();
  }

 private:
  testing::TestPartResultArray unused_;
  std::function<void(const ExpectationFailure&)> on_failure_;
  std::function<void()> on_skip_;
};

ExpectationScope::ExpectationScope(
    std::function<void(const ExpectationFailure&)> on_failure,
    std::function<void()> on_skip)
    : reporter_(std::make_unique<Reporter>(std::move(on_failure),
                                           std::move(on_skip))) {}

ExpectationScope::~ExpectationScope() = default;

void PrepareGoogleTest() {
  for (const char* name :
       {"GTEST_TOTAL_SHARDS", "GTEST_SHARD_INDEX", "GTEST_SHARD_STATUS_FILE",
        "TEST_TOTAL_SHARDS", "TEST_SHARD_INDEX", "TEST_PREMATURE_EXIT_FILE",
        "TEST_WARNINGS_OUTPUT_FILE", "XML_OUTPUT_FILE", "TESTBRIDGE_TEST_ONLY",
        "TESTBRIDGE_TEST_RUNNER_FAIL_FAST"}) {
    unsetenv(name);
  }
  int argc = 1;
  char name[] = "runner";
  char* argv[] = {name, nullptr};
  testing::InitGoogleTest(&argc, argv);
  // The flags take their defaults from GTEST_… in the environment.
  // Whatever a test is called, it is run.
  testing::GTEST_FLAG(also_run_disabled_tests) = true;
  testing::GTEST_FLAG(break_on_failure) = false;
  testing::GTEST_FLAG(catch_exceptions) = true;
  testing::GTEST_FLAG(fail_fast) = false;
  testing::GTEST_FLAG(output) = "";
  testing::GTEST_FLAG(repeat) = 1;
  testing::GTEST_FLAG(shuffle) = false;
  testing::GTEST_FLAG(throw_on_failure) = false;
  testing::TestEventListeners& listeners =
      testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  delete listeners.Release(listeners.default_xml_generator());
}

GoogleTestRun RunGoogleTest(const std::string& name) {
  GoogleTestRun run;
  // ':', '*' and '?' cannot be part of a test's name.
  testing::GTEST_FLAG(filter) = name;
  testing::TestEventListeners& listeners =
      testing::UnitTest::GetInstance()->listeners();
  // One whose test was left in the middle is still there.
  static Listener* listener = nullptr;
  if (listener != nullptr) delete listeners.Release(listener);
  listener = new Listener(run);
  listeners.Append(listener);
  // What failed is the listener's to say.
  [[maybe_unused]] const int failed = RUN_ALL_TESTS();
  delete listeners.Release(listener);
  listener = nullptr;
  return run;
}

verdict::Finding ToFinding(const ExpectationFailure& failure) {
  verdict::Finding finding;
  finding.where.file = failure.file;
  finding.where.line = failure.line;
  finding.output = failure.message;
  if (failure.line == 0) {
    finding.kind = verdict::FailureKind::kCrash;
    finding.message = "An exception was thrown and never caught.";
    std::string_view what = failure.message;
    if (const size_t begin = what.find(kDescription);
        begin != std::string_view::npos) {
      what.remove_prefix(begin + kDescription.size());
      what = what.substr(0, what.find("\" thrown in"));
      finding.message.pop_back();
      finding.message.append(": ").append(what);
    }
    return finding;
  }
  finding.kind = verdict::FailureKind::kWrongResult;
  finding.message = ExpectationSentence(failure.message);
  return finding;
}

}  // namespace racelab::runtimes
