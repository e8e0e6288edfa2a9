#include "runtimes/common/testing.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "verdict/json.h"

extern char** environ;

namespace racelab::runtimes {
namespace {

using nlohmann::json;

constexpr char kNonce[] = "0123456789abcdef0123456789abcdef";

void Interpret(const std::string& line, RunnerAnswer& answer) {
  const json record = json::parse(line, nullptr, false);
  if (!record.is_object() || record.value("nonce", "") != kNonce ||
      record.value("seq", -1) != static_cast<int>(answer.records.size())) {
    answer.well_formed = false;
  }
  answer.records.push_back(line);
  if (!record.is_object()) return;
  const std::string type = record.value("type", "");
  if (type == "tests") {
    for (const json& test : record["tests"]) {
      answer.tests.push_back(test["name"]);
    }
  } else if (type == "result") {
    auto result = verdict::TestResultFromJson(record["result"]);
    if (!result.ok()) {
      answer.well_formed = false;
      return;
    }
    answer.results.push_back(*result);
    answer.replays.push_back(record.value("replay", ""));
  } else if (type == "done") {
    answer.done = true;
    answer.canary = record.value("canary", false);
  } else if (type == "error") {
    answer.error = record.value("reason", "");
  }
}

}  // namespace

RunnerAnswer AskRunner(const RunnerAsk& ask) {
  RunnerAnswer answer;
  const auto started = std::chrono::steady_clock::now();
  int pair[2];
  int output[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0 ||
      pipe2(output, O_CLOEXEC) != 0) {
    return answer;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output[1], 1);
  posix_spawn_file_actions_adddup2(&actions, output[1], 2);
  posix_spawn_file_actions_adddup2(&actions, pair[1], 3);
  // The runner ends with the test, however that ends.
  std::string words[] = {"setpriv", "--pdeathsig", "KILL", ask.runner,
                         "--fd=3"};
  char* argv[std::size(words) + 1] = {};
  for (size_t i = 0; i < std::size(words); ++i) argv[i] = words[i].data();
  pid_t pid = 0;
  const int error =
      posix_spawnp(&pid, argv[0], &actions, nullptr, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(pair[1]);
  close(output[1]);
  if (error != 0) {
    answer.output = "cannot start setpriv";
    close(pair[0]);
    close(output[0]);
    return answer;
  }
  std::string request = ask.raw;
  if (request.empty()) {
    request = json{{"version", 1},
                   {"nonce", kNonce},
                   {"module", ask.module},
                   {"native", ask.native},
                   {"tests", ask.tests},
                   {"seed", ask.seed},
                   {"options", json::parse(ask.options)}}
                  .dump();
  }
  request += '\n';
  for (size_t sent = 0; sent < request.size();) {
    const ssize_t n = send(pair[0], request.data() + sent,
                           request.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) break;
    sent += n;
  }
  std::string said;
  std::string* const texts[] = {&said, &answer.output};
  pollfd fds[] = {{pair[0], POLLIN, 0}, {output[0], POLLIN, 0}};
  // Until the records end; output may be held open by what a test left behind.
  while (fds[0].fd >= 0) {
    if (poll(fds, 2, -1) < 0 && errno != EINTR) break;
    for (int i = 0; i < 2; ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0) continue;
      char buffer[65536];
      const ssize_t n = read(fds[i].fd, buffer, sizeof buffer);
      if (n <= 0) {
        fds[i].fd = -1;
      } else {
        texts[i]->append(buffer, n);
      }
    }
  }
  close(pair[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  fcntl(output[0], F_SETFL, O_NONBLOCK);
  char buffer[65536];
  for (ssize_t n; (n = read(output[0], buffer, sizeof buffer)) > 0;) {
    answer.output.append(buffer, n);
  }
  close(output[0]);
  if (WIFEXITED(status)) {
    answer.exit_code = WEXITSTATUS(status);
  } else {
    answer.signal = WTERMSIG(status);
  }
  answer.well_formed = true;
  std::istringstream lines(said);
  for (std::string line; std::getline(lines, line);) Interpret(line, answer);
  answer.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started)
          .count();
  return answer;
}

verdict::TestResult RunnerAnswer::ResultOf(const std::string& test) const {
  for (const verdict::TestResult& result : results) {
    if (result.test == test) return result;
  }
  verdict::TestResult none;
  none.test = test;
  none.reason = "no result; the runner said: " + error + output;
  return none;
}

std::string Describe(const verdict::TestResult& result) {
  std::ostringstream text;
  text << verdict::Name(result.outcome);
  if (result.finding) {
    text << ' ' << verdict::Name(result.finding->kind) << " at "
         << result.finding->where.file << ':' << result.finding->where.line
         << ": " << result.finding->message;
    if (!result.finding->output.empty()) text << '\n' << result.finding->output;
  }
  if (!result.reason.empty()) text << " (" << result.reason << ')';
  return text.str();
}

}  // namespace racelab::runtimes
