// Runs that have proved an answer, remembered by content: an unchanged lab
// costs nothing.
//
// A run's key covers what was made of the answer (the modules, and what build/
// found in them), the runners, the lab's manifest and what was asked (engines,
// tests, seed, compiler). What is made is remembered, too, by whatever it
// depends on: every file of the module, labkit, build/ and the compiler. So a
// change there that changes no module costs a build, not the proofs.
//
// Only runs without a problem are remembered; they are judged again when they
// are recalled, so a changed expectation is noticed.
//
// So repetitions add up: `verify --repeat 100` may be interrupted and started
// again, and Proofs() tells how often an answer has been proved. Several of
// them at once share the work: each claims the answer that it runs.
//
// Thread safety: any method from any thread.

#ifndef RACELAB_CLI_PROOF_CACHE_H_
#define RACELAB_CLI_PROOF_CACHE_H_

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "build/build.h"
#include "build/modules.h"
#include "cli/context.h"
#include "cli/files.h"
#include "cli/proof.h"
#include "manifest/manifest.h"

namespace racelab::cli {

// Adds what is compiled for an answer: the lab's files and its own.
void AddSources(const manifest::Lab& lab, const Answer& answer, Digest& digest);

class ProofCache {
 public:
  static constexpr build::Compiler kCompilers[] = {build::Compiler::kClang19,
                                                   build::Compiler::kGcc12};

  explicit ProofCache(const Context& context);

  // Whether it is known what is made of the answer at present. Nothing of it is
  // recalled or remembered before.
  bool IsMade(const manifest::Lab& lab, const Answer& answer,
              const Needed& needed) const;
  // What Build() has made of it.
  absl::Status NoteMade(const manifest::Lab& lab, const Answer& answer,
                        const Needed& needed,
                        const build::BuildOutcome& built) const;

  bool Recall(const manifest::Lab& lab, const Answer& answer,
              const Needed& needed, int repetition, AnswerRun& run) const;
  absl::Status Remember(const manifest::Lab& lab, const Answer& answer,
                        const Needed& needed, int repetition,
                        const AnswerRun& run) const;

  // The right to run an answer until it is destroyed, a flock(2) that ends with
  // the process too.
  class Claim {
   public:
    // -1: no lock is held.
    explicit Claim(int fd) : fd_(fd) {}
    Claim(Claim&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Claim& operator=(Claim&&) = delete;
    ~Claim();

   private:
    int fd_;
  };
  // Nothing while another process, or another claim of this one, runs the
  // answer with the same compiler. Where no lock can be made, nothing can be
  // remembered either, and the claim is granted.
  std::optional<Claim> TryClaim(const manifest::Lab& lab,
                                const Answer& answer) const;

  // How many repetitions, counted from the first, are remembered as proofs of
  // the answer in its present form, its modules made by `compiler`.
  int Proofs(const manifest::Lab& lab, const Answer& answer,
             build::Compiler compiler) const;

 private:
  // Where it is noted what is made of an answer.
  std::filesystem::path MadeFile(const manifest::Lab& lab, const Answer& answer,
                                 const Needed& needed,
                                 build::Compiler compiler) const;
  // What the names of a run's repetitions have in common; nothing while it is
  // not known what is made of the answer.
  std::optional<Digest> KeyOf(const manifest::Lab& lab, const Answer& answer,
                              const Needed& needed,
                              build::Compiler compiler) const;
  std::filesystem::path FileFor(const Digest& key, int repetition) const;
  static bool Read(const std::filesystem::path& file, AnswerRun& run);

  std::filesystem::path folder_;
  std::filesystem::path made_;
  std::filesystem::path claims_;
  build::Compiler compiler_;
  std::string runners_;  // their digest
  // Digests of what makes modules.
  std::map<build::Compiler, std::string> tools_;
};

}  // namespace racelab::cli

#endif  // RACELAB_CLI_PROOF_CACHE_H_
