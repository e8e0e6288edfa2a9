#include "runtimes/common/records.h"

#include <errno.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "verdict/json.h"

namespace racelab::runtimes {
namespace {

using nlohmann::json;

// Bytes that are no UTF-8 (a student's message) are replaced, never thrown at.
std::string Dump(const json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false,
                    json::error_handler_t::replace);
}

// The fields of a record, without the braces.
std::string Fields(const json& object) {
  const std::string text = Dump(object);
  return text.substr(1, text.size() - 2);
}

}  // namespace

RecordWriter::RecordWriter(int fd, std::string nonce)
    : fd_(fd), nonce_(std::move(nonce)) {}

void RecordWriter::Write(const std::string& fields) {
  const std::string line = absl::StrCat(
      "{\"nonce\":\"", nonce_, "\",\"seq\":", seq_++, ",", fields, "}\n");
  std::string_view rest = line;
  while (ok_ && !rest.empty()) {
    const ssize_t written = write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      ok_ = false;
      return;
    }
    rest.remove_prefix(written);
  }
}

void RecordWriter::Hello(verdict::Engine engine) {
  Write(Fields({{"type", "hello"},
                {"engine", verdict::Name(engine)},
                {"pid", getpid()}}));
}

void RecordWriter::Tests(const std::vector<TestInfo>& tests) {
  json list = json::array();
  for (const TestInfo& test : tests) {
    list.push_back({{"name", test.name},
                    {"concurrent", test.concurrent},
                    {"file", test.file},
                    {"line", test.line}});
  }
  Write(Fields({{"type", "tests"}, {"tests", std::move(list)}}));
}

void RecordWriter::Begin(std::string_view test) {
  Write(Fields({{"type", "begin"}, {"test", test}}));
}

void RecordWriter::Progress(std::string_view test, uint64_t executions) {
  Write(Fields(
      {{"type", "progress"}, {"test", test}, {"executions", executions}}));
}

void RecordWriter::Result(const verdict::Judgement& judgement) {
  json object = verdict::ToJson(judgement);
  object["type"] = "result";
  Write(Fields(object));
}

void RecordWriter::Done(bool canary) {
  Write(Fields({{"type", "done"}, {"canary", canary}}));
}

void RecordWriter::Error(std::string_view reason, std::string_view mend) {
  Write(Fields({{"type", "error"}, {"reason", reason}, {"mend", mend}}));
}

}  // namespace racelab::runtimes
