// The names that manifests use, and what to say of a wrong one. Internal to
// manifest/; for .cc files only.

#ifndef RACELAB_MANIFEST_NAMES_H_
#define RACELAB_MANIFEST_NAMES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/manifest.h"
#include "manifest/toml_reader.h"
#include "verdict/verdict.h"

namespace racelab::manifest {

// "Suite.Name", both C++ identifiers.
bool IsTestName(std::string_view name);

// A relative path of plain names: no "..", no ".", nothing empty.
bool IsSafeRelative(std::string_view path);

// An engine that runs tests: any but static.
std::optional<verdict::Engine> RunnerFromName(std::string_view name);
const std::vector<std::string>& RunnerNames();

std::vector<std::string> TestNames(const Lab& lab);

// "unknown engine "modle"; did you mean "model"?", or the whole list.
std::string UnknownName(std::string_view what, std::string_view name,
                        const std::vector<std::string>& known);

// The engine of that name, static too, or a complaint.
std::optional<verdict::Engine> EngineOf(Document& document,
                                        const toml::source_region& where,
                                        const std::string& name);
void ReadKinds(Document& document, const toml::source_region& where,
               const std::vector<std::string>& names,
               std::vector<verdict::FailureKind>& kinds);

}  // namespace racelab::manifest

#endif  // RACELAB_MANIFEST_NAMES_H_
