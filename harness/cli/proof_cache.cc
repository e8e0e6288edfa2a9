#include "cli/proof_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "build/toolchain.h"
#include "cli/files.h"
#include "manifest/text.h"
#include "verdict/json.h"

namespace racelab::cli {
namespace {

namespace fs = std::filesystem;
using manifest::Cat;
using nlohmann::json;

// A finding travels inside a result, which has a reader.
json FindingToJson(const verdict::Finding& finding) {
  verdict::TestResult carrier;
  carrier.test = "module";
  carrier.engine = verdict::Engine::kStatic;
  carrier.outcome = verdict::Outcome::kFail;
  carrier.finding = finding;
  return verdict::ToJson(carrier);
}

}  // namespace

void AddSources(const manifest::Lab& lab, const Answer& answer,
                Digest& digest) {
  digest.Add(Cat(lab.module, "/", lab.name));
  digest.Add(ReadWhole(lab.directory / "lab.toml").value_or(""));
  digest.Add(ReadWhole(lab.directory / "scenario.cc").value_or(""));
  digest.AddFolder(lab.directory / "student");
  for (const auto& [name, content] : answer.files) {
    digest.Add(name);
    digest.Add(content);
  }
}

ProofCache::ProofCache(const Context& context)
    : folder_(context.state / "cache" / "proofs"),
      made_(context.state / "cache" / "made"),
      claims_(context.state / "cache" / "claims"),
      compiler_(context.compiler) {
  Digest runners;
  for (const char* engine : {"tsan", "stress", "model", "process"}) {
    runners.Add(
        ReadWhole(context.runners / Cat("runner.", engine)).value_or(""));
  }
  runners_ = runners.Hex();
  Digest makers;
  makers.AddFolder(context.harness / "labkit");
  makers.AddFolder(context.harness / "build");
  for (build::Compiler compiler : kCompilers) {
    Digest digest = makers;
    digest.Add(build::Name(compiler));
    // Of one that is not installed nothing is made.
    const auto toolchain = build::FindToolchain(compiler);
    digest.Add(toolchain.ok() ? toolchain->identity : "");
    digest.Add(context.no_sandbox ? "open" : "isolated");
    tools_[compiler] = digest.Hex();
  }
}

fs::path ProofCache::MadeFile(const manifest::Lab& lab, const Answer& answer,
                              const Needed& needed,
                              build::Compiler compiler) const {
  Digest digest;
  digest.Add(tools_.at(compiler));
  AddSources(lab, answer, digest);
  for (verdict::Engine engine : needed.engines) digest.Add(Name(engine));
  const std::string hex = digest.Hex();
  return made_ / hex.substr(0, 2) / hex.substr(2);
}

bool ProofCache::IsMade(const manifest::Lab& lab, const Answer& answer,
                        const Needed& needed) const {
  return KeyOf(lab, answer, needed, compiler_).has_value();
}

absl::Status ProofCache::NoteMade(const manifest::Lab& lab,
                                  const Answer& answer, const Needed& needed,
                                  const build::BuildOutcome& built) const {
  Digest digest;
  if (built.modules.has_value()) {
    for (const fs::path& module :
         {built.modules->instrumented, built.modules->native}) {
      if (module.empty()) continue;
      const auto bytes = ReadWhole(module);
      if (!bytes.ok()) return bytes.status();
      digest.Add(*bytes);
    }
  }
  digest.Add(built.warnings);
  for (const verdict::Finding& finding : built.findings) {
    digest.Add(FindingToJson(finding).dump(-1, ' ', false,
                                           json::error_handler_t::replace));
  }
  return WriteWhole(MadeFile(lab, answer, needed, compiler_), digest.Hex());
}

std::optional<Digest> ProofCache::KeyOf(const manifest::Lab& lab,
                                        const Answer& answer,
                                        const Needed& needed,
                                        build::Compiler compiler) const {
  const auto made = ReadWhole(MadeFile(lab, answer, needed, compiler));
  if (!made.ok() || made->empty()) return std::nullopt;
  Digest digest;
  digest.Add("2");  // the form of the entries
  digest.Add(*made);
  digest.Add(runners_);
  digest.Add(build::Name(compiler));
  digest.Add(Cat(lab.module, "/", lab.name));
  digest.Add(ReadWhole(lab.directory / "lab.toml").value_or(""));
  for (verdict::Engine engine : needed.engines) digest.Add(Name(engine));
  digest.Add("tests");
  for (const std::string& test : needed.tests) digest.Add(test);
  digest.Add(std::to_string(needed.stress));
  return digest;
}

fs::path ProofCache::FileFor(const Digest& key, int repetition) const {
  Digest digest = key;
  digest.Add(std::to_string(repetition));
  const std::string hex = digest.Hex();
  return folder_ / hex.substr(0, 2) / Cat(hex.substr(2), ".json");
}

bool ProofCache::Recall(const manifest::Lab& lab, const Answer& answer,
                        const Needed& needed, int repetition,
                        AnswerRun& run) const {
  const auto key = KeyOf(lab, answer, needed, compiler_);
  return key.has_value() && Read(FileFor(*key, repetition), run);
}

ProofCache::Claim::~Claim() {
  if (fd_ >= 0) close(fd_);
}

std::optional<ProofCache::Claim> ProofCache::TryClaim(
    const manifest::Lab& lab, const Answer& answer) const {
  std::error_code ignored;  // open() fails then
  fs::create_directories(claims_, ignored);
  // By name, not by content: as many files as there are answers.
  std::string name = Cat(lab.module, ".", lab.name, ".", answer.name, ".",
                         build::Name(compiler_));
  std::replace(name.begin(), name.end(), '/', '.');
  const int fd =
      open((claims_ / name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return Claim(-1);
  Claim claim(fd);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return std::nullopt;
  }
  return claim;
}

int ProofCache::Proofs(const manifest::Lab& lab, const Answer& answer,
                       build::Compiler compiler) const {
  const auto key = KeyOf(lab, answer, NeededFor(lab, answer), compiler);
  if (!key.has_value()) return 0;
  int proofs = 0;
  for (AnswerRun run;
       Read(FileFor(*key, proofs), run) && Judge(lab, answer, run).empty();
       run = AnswerRun()) {
    ++proofs;
  }
  return proofs;
}

bool ProofCache::Read(const fs::path& file, AnswerRun& run) {
  const auto text = ReadWhole(file);
  if (!text.ok()) return false;
  const json entry = json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!entry.is_object() || !entry.contains("results") ||
      !entry.contains("findings") || !entry.contains("warnings") ||
      !entry.at("warnings").is_string()) {
    return false;
  }
  AnswerRun recalled;
  for (const json& item : entry.at("results")) {
    auto result = verdict::TestResultFromJson(item);
    if (!result.ok()) return false;
    recalled.results.push_back(*std::move(result));
  }
  for (const json& item : entry.at("findings")) {
    auto carrier = verdict::TestResultFromJson(item);
    if (!carrier.ok() || !carrier->finding.has_value()) return false;
    recalled.findings.push_back(*std::move(carrier->finding));
  }
  recalled.warnings = entry.at("warnings").get<std::string>();
  run = std::move(recalled);
  return true;
}

absl::Status ProofCache::Remember(const manifest::Lab& lab,
                                  const Answer& answer, const Needed& needed,
                                  int repetition, const AnswerRun& run) const {
  json entry = {{"results", json::array()},
                {"findings", json::array()},
                {"warnings", run.warnings}};
  for (const verdict::TestResult& result : run.results) {
    entry["results"].push_back(verdict::ToJson(result));
  }
  for (const verdict::Finding& finding : run.findings) {
    entry["findings"].push_back(FindingToJson(finding));
  }
  const auto key = KeyOf(lab, answer, needed, compiler_);
  if (!key.has_value()) {
    return absl::FailedPreconditionError("it is not known what was made");
  }
  return WriteWhole(FileFor(*key, repetition),
                    entry.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace racelab::cli
