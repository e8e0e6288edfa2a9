#include "cli/proof_record.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "cli/proof_cache.h"
#include "manifest/text.h"
#include "verdict/verdict.h"

namespace racelab::cli {
namespace {

namespace fs = std::filesystem;
using manifest::Append;
using manifest::Cat;
using nlohmann::json;

constexpr std::string_view kBegin =
    "<!-- Proofs by answer, kept while its sources are the same:\n";
constexpr std::string_view kEnd = "-->\n";

// Of a room's files those that a build reads and no test. What an editor or a
// merge leaves beside them decides nothing.
bool Decides(const fs::path& file) {
  const std::string extension = file.extension().string();
  return (extension == ".cc" || extension == ".h" || extension == ".inc" ||
          extension == ".txt") &&
         !file.stem().string().ends_with("_test") &&
         std::find(file.begin(), file.end(), "testdata") == file.end();
}

// What an answer is judged by.
void AddExpectation(const Answer& answer, Digest& digest) {
  digest.Add(std::to_string(static_cast<int>(answer.kind)));
  for (verdict::Engine engine : answer.rejected.engines) {
    digest.Add(verdict::Name(engine));
  }
  for (verdict::FailureKind kind : answer.rejected.kinds) {
    digest.Add(verdict::Name(kind));
  }
  digest.Add(answer.rejected.test);
  digest.Add(answer.sampled_because.empty() ? "exhausted" : "sampled");
}

std::string LabKey(std::string_view module, std::string_view lab) {
  return Cat(module, "/", lab);
}

std::optional<build::Compiler> CompilerNamed(std::string_view name) {
  for (build::Compiler compiler : ProofCache::kCompilers) {
    if (build::Name(compiler) == name) return compiler;
  }
  return std::nullopt;
}

}  // namespace

const std::vector<std::string>& DecidingRooms() {
  static const auto* const kRooms = new std::vector<std::string>{
      "build", "labkit", "runtimes", "symbols", "verdict"};
  return *kRooms;
}

DecidingSources::DecidingSources(const fs::path& harness) {
  for (const std::string& room : DecidingRooms()) {
    rooms_.Add(room);
    rooms_.AddFolder(harness / room, Decides);
  }
}

std::string DecidingSources::Of(const manifest::Lab& lab,
                                const Answer& answer) const {
  Digest digest = rooms_;
  AddSources(lab, answer, digest);
  AddExpectation(answer, digest);
  return digest.Hex();
}

absl::StatusOr<ProofRecord> ProofRecord::Parse(std::string_view file,
                                               std::string_view text) {
  ProofRecord record;
  const size_t begin = text.find(kBegin);
  if (begin == std::string_view::npos) return record;
  const absl::Status unreadable = absl::InvalidArgumentError(Cat(
      file, ":", std::count(text.begin(), text.begin() + begin, '\n') + 1,
      ": the record of proofs cannot be read: restore the file, or delete it "
      "to count anew"));
  text.remove_prefix(begin + kBegin.size());
  const json all = json::parse(text.substr(0, text.find(kEnd)), nullptr,
                               /*allow_exceptions=*/false);
  if (!all.is_object()) return unreadable;
  for (const auto& [lab, answers] : all.items()) {
    if (!answers.is_object()) return unreadable;
    for (const auto& [answer, fields] : answers.items()) {
      if (!fields.is_object()) return unreadable;
      Entry& entry = record.labs_[lab][answer];
      for (const auto& [name, value] : fields.items()) {
        const auto compiler = CompilerNamed(name);
        if (name == "sources" && value.is_string()) {
          entry.sources = value.get<std::string>();
        } else if (compiler.has_value() && value.is_number_unsigned() &&
                   value.get<uint64_t>() <= std::numeric_limits<int>::max()) {
          entry.proofs[*compiler] = value.get<int>();
        } else {
          return unreadable;
        }
      }
    }
  }
  return record;
}

int ProofRecord::Proofs(std::string_view module, std::string_view lab,
                        std::string_view answer, std::string_view sources,
                        build::Compiler compiler) const {
  const auto answers = labs_.find(LabKey(module, lab));
  if (answers == labs_.end()) return 0;
  const auto entry = answers->second.find(answer);
  if (entry == answers->second.end() || entry->second.sources != sources) {
    return 0;
  }
  const auto proofs = entry->second.proofs.find(compiler);
  return proofs == entry->second.proofs.end() ? 0 : proofs->second;
}

int ProofRecord::CountsMoreThan(const MatrixLab& lab) const {
  const auto answers = labs_.find(LabKey(lab.module, lab.name));
  if (answers == labs_.end()) return 0;
  return static_cast<int>(
      std::count_if(lab.rows.begin(), lab.rows.end(), [&](const auto& row) {
        const auto entry = answers->second.find(row.answer);
        if (entry == answers->second.end()) return false;
        const auto& proofs = entry->second.proofs;
        return std::any_of(proofs.begin(), proofs.end(),
                           [&](const auto& counted) {
                             const auto now = row.proofs.find(counted.first);
                             return counted.second >
                                    (now == row.proofs.end() ? 0 : now->second);
                           });
      }));
}

void ProofRecord::Set(const MatrixLab& lab) {
  auto& answers = labs_[LabKey(lab.module, lab.name)];
  answers.clear();
  for (const MatrixRow& row : lab.rows) {
    answers[row.answer] = {row.sources, row.proofs};
  }
}

std::string ProofRecord::Comment() const {
  if (labs_.empty()) return "";
  std::string out = Cat(kBegin, "{");
  std::string_view before_lab = "\n";
  for (const auto& [lab, answers] : labs_) {
    Append(out, before_lab, json(lab).dump(), ": {");
    before_lab = ",\n";
    std::string_view before = "\n";
    for (const auto& [answer, entry] : answers) {
      json fields = {{"sources", entry.sources}};
      for (const auto& [compiler, runs] : entry.proofs) {
        fields[std::string(build::Name(compiler))] = runs;
      }
      Append(out, before, "  ", json(answer).dump(), ": ", fields.dump());
      before = ",\n";
    }
    out += "}";
  }
  Append(out, "}\n", kEnd);
  return out;
}

}  // namespace racelab::cli
