#include "engines/request.h"

#include <sys/random.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/escaping.h"

namespace racelab::engines {
namespace {

using nlohmann::json;

uint64_t Scale(uint64_t count, double factor) {
  return std::max<uint64_t>(1, std::llround(count * factor));
}

}  // namespace

double SecondsFor(verdict::Engine engine, const manifest::Test& test,
                  const RunOptions& options) {
  switch (engine) {
    case verdict::Engine::kTsan:
      return test.tsan.seconds * options.budget;
    case verdict::Engine::kStress:
      return test.stress.seconds * options.budget;
    case verdict::Engine::kModel:
      return test.model.seconds * options.budget;
    case verdict::Engine::kProcess:
      return test.process.seconds * options.budget;
    case verdict::Engine::kStatic:
      break;
  }
  return 0;
}

std::string OptionsFor(verdict::Engine engine, const manifest::Test& test,
                       const RunOptions& options, Shard shard,
                       const std::string& replay) {
  json json = {{"seconds", SecondsFor(engine, test, options)}};
  switch (engine) {
    case verdict::Engine::kTsan:
      json["runs"] = Scale(test.tsan.runs, options.budget);
      break;
    case verdict::Engine::kStress:
      json["rounds"] = test.stress.rounds == 0
                           ? 0
                           : Scale(test.stress.rounds, options.budget);
      json["hang_seconds"] = test.stress.hang_seconds;
      break;
    case verdict::Engine::kProcess:
      json["runs"] = Scale(test.process.runs, options.budget);
      break;
    case verdict::Engine::kModel:
      json["strategy"] =
          options.strategy.empty() ? test.model.strategy : options.strategy;
      json["bound"] = test.model.bound;
      json["executions"] = Scale(test.model.executions, options.budget);
      json["max_steps"] = test.model.max_steps;
      if (shard.count > 1) json["shard"] = {shard.index, shard.count};
      if (!replay.empty()) json["replay"] = replay;
      break;
    case verdict::Engine::kStatic:
      break;
  }
  return json.dump();
}

std::string MakeNonce() {
  char bytes[16];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) abort();
  return absl::BytesToHexString({bytes, sizeof bytes});
}

std::string FormatRequest(const RequestFields& fields) {
  json request = {{"version", 1},
                  {"nonce", fields.nonce},
                  {"module", fields.module},
                  {"native", fields.native},
                  {"source_root", fields.source_root},
                  {"tests", fields.tests},
                  {"seed", fields.seed}};
  request["options"] = json::parse(fields.options);
  return request.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace racelab::engines
