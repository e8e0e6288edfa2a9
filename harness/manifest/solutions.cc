#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "manifest/manifest.h"
#include "manifest/names.h"
#include "manifest/text.h"
#include "manifest/toml_reader.h"
namespace racelab::manifest {
namespace {

using Need = TableReader::Need;
using verdict::Engine;

// The folders of `directory`, by name; empty if it does not exist.
std::vector<std::filesystem::path> Folders(
    const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> folders;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(directory, error)) {
    if (entry.is_directory(error)) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

absl::StatusOr<RejectedAnswer> ReadRejected(
    const std::filesystem::path& root, const Lab& lab,
    const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / "expect.toml";
  absl::StatusOr<Document> document =
      Document::Read(file, file.lexically_relative(root).string());
  if (!document.ok()) return document.status();
  TableReader reader(*document, document->root(), "expect.toml");
  RejectedAnswer answer;
  answer.name = directory.filename().string();
  answer.directory = directory;
  std::vector<std::string> engines;
  std::vector<std::string> kinds;
  reader.OneOrMore("engine", Need::kRequired, engines);
  reader.OneOrMore("kind", Need::kRequired, kinds);
  reader.String("test", Need::kOptional, answer.test);
  reader.String("misconception", Need::kRequired, answer.misconception);
  reader.Finish();
  ReadKinds(*document, reader.Where("kind"), kinds, answer.kinds);
  const Test* test = nullptr;
  if (!answer.test.empty()) {
    test = lab.FindTest(answer.test);
    if (test == nullptr) {
      document->Complain(reader.Where("test"),
                         UnknownName("test", answer.test, TestNames(lab)));
    }
  }
  const std::vector<Engine> available =
      test != nullptr ? test->engines : lab.Engines();
  for (const std::string& name : engines) {
    const std::optional<Engine> engine =
        EngineOf(*document, reader.Where("engine"), name);
    if (!engine.has_value()) continue;
    answer.engines.push_back(*engine);
    if (*engine != Engine::kStatic &&
        std::find(available.begin(), available.end(), *engine) ==
            available.end()) {
      document->Complain(reader.Where("engine"),
                         Cat("engine \"", name, "\" judges no ",
                             test != nullptr ? test->name : "test",
                             " of this lab: lab.toml does not name it"));
    }
  }
  if (absl::Status status = document->status(); !status.ok()) return status;
  return answer;
}

absl::StatusOr<AcceptedAnswer> ReadAccepted(
    const std::filesystem::path& root, const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / "accept.toml";
  absl::StatusOr<Document> document =
      Document::Read(file, file.lexically_relative(root).string());
  if (!document.ok()) return document.status();
  TableReader reader(*document, document->root(), "accept.toml");
  AcceptedAnswer answer;
  answer.name = directory.filename().string();
  answer.directory = directory;
  reader.String("summary", Need::kRequired, answer.summary);
  reader.String("sampled_because", Need::kOptional, answer.sampled_because);
  reader.Finish();
  if (absl::Status status = document->status(); !status.ok()) return status;
  return answer;
}

}  // namespace

absl::StatusOr<Solutions> LoadSolutions(const std::filesystem::path& root,
                                        const Lab& lab) {
  Solutions solutions;
  solutions.directory = root / "solutions" / lab.module / lab.name;
  std::error_code error;
  solutions.exists = std::filesystem::is_directory(solutions.directory, error);
  if (!solutions.exists) return solutions;
  std::vector<std::string> mistakes;
  for (const auto& directory : Folders(solutions.directory / "rejected")) {
    auto answer = ReadRejected(root, lab, directory);
    if (answer.ok()) {
      solutions.rejected.push_back(*std::move(answer));
    } else {
      mistakes.emplace_back(answer.status().message());
    }
  }
  for (const auto& directory : Folders(solutions.directory / "accepted")) {
    auto answer = ReadAccepted(root, directory);
    if (answer.ok()) {
      solutions.accepted.push_back(*std::move(answer));
    } else {
      mistakes.emplace_back(answer.status().message());
    }
  }
  if (!mistakes.empty()) {
    return absl::InvalidArgumentError(Join(mistakes, "\n"));
  }
  return solutions;
}

}  // namespace racelab::manifest
