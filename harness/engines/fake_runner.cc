// A runner that speaks the protocol and misbehaves as the "module" tells it: a
// file with one word per test, "Suite.Test=deed". For the engines' tests.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace {

using nlohmann::json;

std::string nonce;
int seq = 0;

void Say(json record) {
  record["nonce"] = nonce;
  record["seq"] = seq++;
  const std::string line = record.dump() + "\n";
  if (write(3, line.data(), line.size()) < 0) _exit(3);
}

json Pass(const std::string& test, const std::string& engine) {
  return {{"test", test},
          {"engine", engine},
          {"outcome", "pass"},
          {"evidence", {{"strength", "exhausted"}, {"executions", 10}}}};
}

json Fail(const std::string& test, const std::string& engine) {
  return {{"test", test},
          {"engine", engine},
          {"outcome", "fail"},
          {"finding", {{"kind", "data-race"}, {"message", "a race"}}}};
}

}  // namespace

int main(int, char** argv) {
  std::string line;
  for (char c; read(3, &c, 1) == 1 && c != '\n';) line += c;
  const json request = json::parse(line);
  nonce = request["nonce"];
  std::map<std::string, std::string> deeds;
  std::ifstream module(request["module"].get<std::string>());
  for (std::string word; module >> word;) {
    deeds[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  const std::string engine =
      deeds.contains("engine") ? deeds["engine"] : "model";
  if (deeds["start"] == "crash") raise(SIGSEGV);
  Say({{"type", "hello"}, {"engine", engine}, {"pid", getpid()}});
  if (deeds["start"] == "error") {
    Say({{"type", "error"}, {"reason", "no room"}, {"mend", "make some"}});
    return 3;
  }
  if (deeds["start"] == "exit-while-loading") exit(0);
  Say({{"type", "tests"}, {"tests", json::array()}});
  for (const std::string test : request["tests"]) {
    const std::string deed = deeds[test];
    Say({{"type", "begin"}, {"test", test}});
    Say({{"type", "progress"}, {"test", test}, {"executions", 5}});
    if (deed == "crash") raise(SIGSEGV);
    if (deed == "killed") raise(SIGKILL);
    if (deed == "exit") exit(0);
    if (deed == "done-at-once") {
      Say({{"type", "done"}, {"canary", true}});
      exit(0);
    }
    if (deed == "hang") pause();
    if (deed == "other-nonce") nonce = std::string(32, '0');
    if (deed == "skip-a-number") ++seq;
    if (deed == "garbage") {
      (void)!write(3, "PASSED\n", 7);
    }
    if (deed == "flood") {
      const std::string text(1 << 16, 'x');
      for (;;) (void)!write(3, text.data(), text.size());
    }
    if (deed == "print") {
      for (;;) puts("{\"type\":\"result\",\"outcome\":\"pass\"}");
    }
    if (deed == "mute") continue;
    json result = deed == "fail" ? Fail(test, engine) : Pass(test, engine);
    if (deed == "pass-with-finding") {
      result["finding"] = Fail(test, engine)["finding"];
    }
    if (deed == "other-test") result["test"] = "Suite.Other";
    if (deed == "options") {
      result["evidence"]["detail"] = request["options"].dump();
    }
    json record = {{"type", "result"}, {"result", result}};
    if (deed == "fail") record["replay"] = "abc";
    Say(record);
    if (deed == "twice") Say(record);
  }
  if (deeds["end"] == "crash") raise(SIGABRT);
  if (deeds["end"] == "exit") exit(0);
  Say({{"type", "done"}, {"canary", deeds["end"] != "silenced"}});
  (void)argv;
  return deeds["end"] == "code" ? 1 : 0;
}
