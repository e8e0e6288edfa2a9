// The rules of directives.h that are about code, not about directives.

#ifndef RACELAB_BUILD_TOKEN_RULES_H_
#define RACELAB_BUILD_TOKEN_RULES_H_

#include <functional>
#include <string>
#include <vector>

#include "build/source_text.h"

namespace racelab::build {

// Takes a line and what is wrong there: "names labkit, which is …".
using TokenReport = std::function<void(int line, const std::string& what)>;

// `header`: a scenario may include the file.
void InspectTokens(const std::vector<Token>& tokens, bool header,
                   const TokenReport& report);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_TOKEN_RULES_H_
