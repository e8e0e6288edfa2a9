// Runs that have proved an answer, remembered by content: an unchanged lab
// costs nothing.
//
// The key covers every file of the module, the lab's manifest, what was asked
// (engines, tests, seed, compiler), the runners, labkit and how build/
// compiles. Only runs without a problem are remembered; they are judged again
// when they are recalled, so a changed expectation is noticed.
//
// Thread safety: any method from any thread.

#ifndef RACELAB_CLI_PROOF_CACHE_H_
#define RACELAB_CLI_PROOF_CACHE_H_

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "cli/context.h"
#include "cli/proof.h"
#include "manifest/manifest.h"

namespace racelab::cli {

class ProofCache {
 public:
  explicit ProofCache(const Context& context);

  bool Recall(const manifest::Lab& lab, const Answer& answer,
              const Needed& needed, int repetition, AnswerRun& run) const;
  absl::Status Remember(const manifest::Lab& lab, const Answer& answer,
                        const Needed& needed, int repetition,
                        const AnswerRun& run) const;

 private:
  std::filesystem::path FileFor(const manifest::Lab& lab, const Answer& answer,
                                const Needed& needed, int repetition) const;

  std::filesystem::path folder_;
  std::string tools_;  // digest of what judges
};

}  // namespace racelab::cli

#endif  // RACELAB_CLI_PROOF_CACHE_H_
