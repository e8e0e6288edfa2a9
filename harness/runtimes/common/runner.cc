#include "runtimes/common/runner.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtimes/common/child.h"
#include "runtimes/common/expectations.h"

namespace racelab::runtimes {
namespace {

EngineRunner* current_runner = nullptr;

// A request is short; more than this is not one.
constexpr size_t kMaxRequestBytes = 16 << 20;

struct Connection {
  int out = -1;
  std::string request;
};

// A descriptor that the student's code neither inherits by exec nor finds among
// the first few.
int Hide(int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, 200); }

std::optional<std::string> ReadLine(int fd) {
  std::string line;
  char buffer[4096];
  while (line.size() < kMaxRequestBytes) {
    const ssize_t n = read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    line.append(buffer, n);
    if (const size_t end = line.find('\n'); end != std::string::npos) {
      line.resize(end);
      return line;
    }
  }
  if (line.empty()) return std::nullopt;
  return line;
}

bool ConsumePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

int Usage(const char* problem) {
  fprintf(stderr, "%s\nusage: runner.<engine> --fd=N | --request=FILE\n",
          problem);
  return kCannotWork;
}

// The whole of the run, after the request has been read.
int Serve(const Request& request, RecordWriter& records, EngineRunner& runner) {
  records.Hello(runner.engine());
  if (const absl::Status status = runner.Prepare(request); !status.ok()) {
    records.Error(std::string(status.message()), runner.mend());
    return kCannotWork;
  }
  if (const absl::Status status = request.options.status(); !status.ok()) {
    records.Error(std::string(status.message()), "");
    return kCannotWork;
  }
  Session session(request, records);
  std::vector<TestInfo> tests;
  std::optional<verdict::Finding> crash;
  if (runner.isolated()) {
    absl::StatusOr<TestListing> listed = ListTestsInChild(request.module);
    if (!listed.ok()) {
      records.Error(std::string(listed.status().message()), "");
      return kCannotWork;
    }
    tests = std::move(listed->tests);
    crash = std::move(listed->crash);
  } else {
    absl::StatusOr<std::unique_ptr<LoadedModule>> module =
        LoadedModule::Load(request.module);
    if (!module.ok()) {
      records.Error(std::string(module.status().message()), "");
      return kCannotWork;
    }
    tests = (*module)->tests();
    session.set_module(*std::move(module));
  }
  records.Tests(tests);
  for (const std::string& name : request.tests) {
    if (!records.ok()) return kCannotWork;
    records.Begin(name);
    const auto test = std::ranges::find(tests, name, &TestInfo::name);
    Judgement judgement;
    if (crash) {
      judgement.result.outcome = verdict::Outcome::kFail;
      judgement.result.finding = crash;
    } else if (test == tests.end()) {
      judgement.result.outcome = verdict::Outcome::kHarnessError;
      judgement.result.reason =
          absl::StrCat("the lab's scenario has no test ", name);
      judgement.result.mend = absl::StrCat(
          "use one of: ",
          absl::StrJoin(tests, ", ", [](std::string* out, const TestInfo& t) {
            out->append(t.name);
          }));
    } else {
      judgement = runner.Judge(*test, session);
    }
    judgement.result.test = name;
    judgement.result.engine = runner.engine();
    records.Result(judgement);
  }
  records.Done(runner.Canary(session));
  return records.ok() ? kWorked : kCannotWork;
}

}  // namespace

EngineRunner* CurrentRunner() { return current_runner; }

void EngineRunner::RunConcurrent(const TestInfo& test) { test.body(); }
void EngineRunner::Reached(const char*, const char*, int) {}
void EngineRunner::ExpectReachable(const char*, const char*, int) {}

Judgement Inconclusive(std::string reason, std::string mend) {
  Judgement judgement;
  judgement.result.outcome = verdict::Outcome::kInconclusive;
  judgement.result.reason = std::move(reason);
  judgement.result.mend = std::move(mend);
  return judgement;
}

int RunnerMain(int argc, char** argv, EngineRunner& runner) {
  if (argc != 2) return Usage("one argument is needed");
  std::string_view argument = argv[1];
  Connection connection;
  if (ConsumePrefix(argument, "--fd=")) {
    int fd = -1;
    const auto [end, error] =
        std::from_chars(argument.data(), argument.data() + argument.size(), fd);
    if (error != std::errc() || end != argument.data() + argument.size() ||
        fcntl(fd, F_GETFD) < 0) {
      return Usage("--fd is no open descriptor");
    }
    connection.out = Hide(fd);
    if (fd > STDERR_FILENO) close(fd);
    std::optional<std::string> line = ReadLine(connection.out);
    if (!line) return Usage("there is no request on --fd");
    connection.request = *std::move(line);
  } else if (ConsumePrefix(argument, "--request=")) {
    std::ifstream file{std::string(argument)};
    if (!file) {
      const std::string problem =
          "cannot read " + std::string(argument) + ": " + std::strerror(errno);
      return Usage(problem.c_str());
    }
    std::stringstream text;
    text << file.rdbuf();
    connection.request = std::move(text).str();
    connection.out = Hide(STDOUT_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
  } else {
    return Usage("unknown argument");
  }

  absl::StatusOr<Request> request = ParseRequest(connection.request);
  RecordWriter records(connection.out,
                       request.ok() ? request->nonce : std::string(32, '0'));
  if (!request.ok()) {
    records.Error(std::string(request.status().message()), "");
    return kCannotWork;
  }
  // An engine that goes away is noticed by the writer, not by dying.
  signal(SIGPIPE, SIG_IGN);
  current_runner = &runner;
  PrepareGoogleTest();
  const int code = Serve(*request, records, runner);
  // Not exit(): the module's destructors and atexit functions are the student's
  // code, and everything has been said.
  fflush(nullptr);
  _exit(code);
}

}  // namespace racelab::runtimes
