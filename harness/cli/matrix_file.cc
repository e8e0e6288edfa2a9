#include "cli/matrix_file.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <system_error>

#include "cli/files.h"
#include "manifest/text.h"

namespace racelab::cli {

namespace fs = std::filesystem;
using manifest::Cat;

MatrixFile::MatrixFile(const Context& context, const fs::path& file)
    : file_(file), compiler_(context.compiler), sources_(context.harness) {}

absl::Status MatrixFile::Open() {
  if (file_ == "-") return absl::OkStatus();
  std::error_code error;
  if (fs::exists(file_, error)) {
    const auto text = ReadWhole(file_);
    if (!text.ok()) return text.status();
    auto record = ProofRecord::Parse(file_.string(), *text);
    if (!record.ok()) return record.status();
    record_ = *std::move(record);
  }
  return CheckWritable(fs::absolute(file_).parent_path());
}

void MatrixFile::CountProofs(const manifest::Lab& lab, const Answer& answer,
                             const std::vector<Problem>& problems, int repeat,
                             const ProofCache& cache, MatrixRow& row) const {
  const bool wrong =
      std::any_of(problems.begin(), problems.end(),
                  [](const Problem& problem) { return !problem.undecided; });
  row.sources = sources_.Of(lab, answer);
  for (build::Compiler compiler : ProofCache::kCompilers) {
    int& proofs = row.proofs[compiler];
    proofs = cache.Proofs(lab, answer, compiler);
    const bool now = compiler == compiler_;
    if (now && wrong) continue;
    proofs = std::max(proofs, record_.Proofs(lab.module, lab.name, row.answer,
                                             row.sources, compiler));
    // The runs of now may have been of more engines than a proof needs.
    if (now && problems.empty()) proofs = std::max(proofs, repeat);
  }
}

absl::Status MatrixFile::Write(const std::vector<MatrixLab>& labs, bool all) {
  if (file_ == "-") {
    std::printf("\n%s", MatrixText(labs).c_str());
    return absl::OkStatus();
  }
  int fewer = 0;
  for (const MatrixLab& lab : labs) fewer += record_.CountsMoreThan(lab);
  if (all) record_ = ProofRecord();
  for (const MatrixLab& lab : labs) record_.Set(lab);
  const std::string tables = file_.extension() == ".html"
                                 ? MatrixHtml(labs)
                                 : Cat(MatrixMarkdown(labs), "\n");
  const absl::Status status = WriteWhole(file_, Cat(tables, record_.Comment()));
  if (!status.ok()) return status;
  std::printf("Who caught what: %s\n", file_.c_str());
  if (fewer > 0) {
    std::printf(
        "Of %d answers it had counted more proofs: their sources, or the "
        "harness's that decide, have changed, or they are wrong now. Count "
        "anew with --repeat.\n",
        fewer);
  }
  return absl::OkStatus();
}

}  // namespace racelab::cli
