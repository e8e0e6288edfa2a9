// racelab hint LAB: the next hint, one at a time.

#include <cstdio>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/state.h"
#include "manifest/text.h"
#include "scoring/scoring.h"

namespace racelab::cli {

using manifest::Cat;

int Hint(const Context& context, const manifest::Catalog& catalog,
         const HintOptions& options) {
  const auto lab = catalog.Load(options.lab);
  if (!lab.ok()) return Fail(lab.status(), scoring::kExitUsage);
  const auto hints = manifest::LoadHints(*lab);
  if (!hints.ok()) return Fail(hints.status(), scoring::kExitUsage);
  const int count = static_cast<int>(hints->size());
  if (count == 0) {
    return Fail(Cat(lab->name, " has no hints"), scoring::kExitUsage);
  }
  LabState state = LoadState(context, lab->module, lab->name);
  if (state.hints_shown < 0) state.hints_shown = 0;
  if (state.hints_shown > count) state.hints_shown = count;
  if (options.again || state.hints_shown == count) {
    for (int i = 0; i < state.hints_shown; ++i) {
      std::printf("%s\n", (*hints)[i].c_str());
    }
    if (state.hints_shown == 0) {
      std::printf("No hint of %s was shown yet.\n", lab->name.c_str());
    } else if (state.hints_shown == count) {
      std::printf("These are all %d hints of %s.\n", count, lab->name.c_str());
    }
    return scoring::kExitPass;
  }
  std::printf("%s\n", (*hints)[state.hints_shown].c_str());
  ++state.hints_shown;
  if (state.hints_shown < count) {
    std::printf(
        "That was hint %d of %d. Think first; `./racelab hint %s` "
        "shows the next.\n",
        state.hints_shown, count, lab->name.c_str());
  } else {
    std::printf("That was the last of %d hints.\n", count);
  }
  const absl::Status saved = SaveState(context, lab->module, lab->name, state);
  if (!saved.ok()) return Fail(saved, scoring::kExitMachine);
  return scoring::kExitPass;
}

}  // namespace racelab::cli
