// What `verify --matrix FILE` writes: the tables (matrix.h), and after them the
// record of proofs (proof_record.h), which outlives the next writing.
//
// Thread safety: CountProofs() from any thread, between Open() and Write().

#ifndef RACELAB_CLI_MATRIX_FILE_H_
#define RACELAB_CLI_MATRIX_FILE_H_

#include <filesystem>
#include <vector>

#include "absl/status/status.h"
#include "cli/context.h"
#include "cli/matrix.h"
#include "cli/proof.h"
#include "cli/proof_cache.h"
#include "cli/proof_record.h"
#include "manifest/manifest.h"

namespace racelab::cli {

class MatrixFile {
 public:
  // `file`: .html for HTML, "-" for the terminal, else Markdown.
  MatrixFile(const Context& context, const std::filesystem::path& file);

  // Reads what the file has counted. An error if it cannot be read or written:
  // to be told before hours of work.
  absl::Status Open();

  // Fills row.sources and row.proofs: what the cache remembers, or the file has
  // counted if that is more. `problems`: of the `repeat` runs of now; if they
  // show an answer to be wrong, no earlier count makes it right.
  void CountProofs(const manifest::Lab& lab, const Answer& answer,
                   const std::vector<Problem>& problems, int repeat,
                   const ProofCache& cache, MatrixRow& row) const;

  // `all`: there are no other labs. Otherwise their counts stay. Tells on
  // stdout of how many answers fewer proofs are counted than before.
  absl::Status Write(const std::vector<MatrixLab>& labs, bool all);

 private:
  const std::filesystem::path file_;
  const build::Compiler compiler_;
  const DecidingSources sources_;
  ProofRecord record_;
};

}  // namespace racelab::cli

#endif  // RACELAB_CLI_MATRIX_FILE_H_
