// How often each answer has been proved, beyond one state folder: the record at
// the end of a matrix file.
//
// A state folder remembers every run (proof_cache.h), but goes with its
// machine; the matrix is committed. So `verify --matrix FILE` keeps what FILE
// counts, answer by answer, while the sources that decide are the same:
//   - the lab's manifest, scenario and student files; the answer's files; what
//     is expected of it;
//   - what makes modules and judges them: labkit, build, runtimes and whatever
//     these include, but for tests.
// Sources, not the bytes made of them, as the cache asks for: two machines need
// not make the same bytes. A comment in one of them starts all anew.
//
// The record is JSON, a line for each answer, in a comment that Markdown has
// in common with HTML.

#ifndef RACELAB_CLI_PROOF_RECORD_H_
#define RACELAB_CLI_PROOF_RECORD_H_

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "build/modules.h"
#include "cli/files.h"
#include "cli/matrix.h"
#include "cli/proof.h"
#include "manifest/manifest.h"

namespace racelab::cli {

// The rooms of the harness whose sources decide; each includes nothing of a
// room outside. `build` is the exception: how it reads manifests and isolates
// compilers changes no module.
const std::vector<std::string>& DecidingRooms();

// Digests of the sources that decide. Thread safety: const methods from any
// thread.
class DecidingSources {
 public:
  // Reads the deciding rooms below `harness`, without their tests.
  explicit DecidingSources(const std::filesystem::path& harness);

  std::string Of(const manifest::Lab& lab, const Answer& answer) const;

 private:
  Digest rooms_;
};

// Thread safety: none.
class ProofRecord {
 public:
  // The record in a matrix file's text; empty where it has none.
  // InvalidArgument, with `file` and line, if it is not as Comment() writes it.
  static absl::StatusOr<ProofRecord> Parse(std::string_view file,
                                           std::string_view text);

  // How often the answer has been proved with `compiler`, its sources being
  // `sources`; 0 if it was with others.
  int Proofs(std::string_view module, std::string_view lab,
             std::string_view answer, std::string_view sources,
             build::Compiler compiler) const;

  // Of how many of the lab's answers it counts more, whatever their sources.
  int CountsMoreThan(const MatrixLab& lab) const;

  // In the place of whatever it had of the lab.
  void Set(const MatrixLab& lab);

  // The comment; empty for an empty record.
  std::string Comment() const;

 private:
  struct Entry {
    std::string sources;
    std::map<build::Compiler, int> proofs;
  };
  // By lab, "races/lost_update", and answer, "rejected/volatile".
  std::map<std::string, std::map<std::string, Entry, std::less<>>, std::less<>>
      labs_;
};

}  // namespace racelab::cli

#endif  // RACELAB_CLI_PROOF_RECORD_H_
