// The request line for a runner.

#ifndef RACELAB_ENGINES_REQUEST_H_
#define RACELAB_ENGINES_REQUEST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "engines/engine.h"
#include "manifest/manifest.h"
#include "verdict/verdict.h"

namespace racelab::engines {

struct Shard {
  int index = 0;
  int count = 1;
};

// A test's options for an engine as JSON text: equal text, same run.
// `replay` is the model's decision string, or empty.
std::string OptionsFor(verdict::Engine engine, const manifest::Test& test,
                       const RunOptions& options, Shard shard,
                       const std::string& replay);

// How long the engine may work on the test, by its own budget.
double SecondsFor(verdict::Engine engine, const manifest::Test& test,
                  const RunOptions& options);

// 32 hex digits that nobody can guess.
std::string MakeNonce();

struct RequestFields {
  std::string nonce;
  std::string module;       // as the runner sees it
  std::string source_root;  // likewise
  bool native = false;
  std::vector<std::string> tests;
  uint64_t seed = 1;
  std::string options;  // JSON
};

// One line, with its newline.
std::string FormatRequest(const RequestFields& fields);

}  // namespace racelab::engines

#endif  // RACELAB_ENGINES_REQUEST_H_
