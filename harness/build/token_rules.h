// The rules of directives.h that are about code, not about directives.

#ifndef RACELAB_BUILD_TOKEN_RULES_H_
#define RACELAB_BUILD_TOKEN_RULES_H_

#include <functional>
#include <string>
#include <vector>

#include "build/source_text.h"

namespace racelab::build {

struct TokenFile {
  std::string name;
  bool header = false;  // a scenario may include it
  std::vector<Token> tokens;
};

// Takes a place and what is wrong there: "names labkit, which is …". May be
// told the same more than once.
using TokenReport = std::function<void(const std::string& file, int line,
                                       const std::string& what)>;

// `files`: all that a student's may include of each other.
void InspectTokens(const std::vector<TokenFile>& files,
                   const TokenReport& report);

// Whether one variant of a module has a macro of that name, which stands for a
// function, and the other has none. Calling it is no question, naming it in a
// condition is.
bool TellsVariantsUncalled(const std::string& word);
// What is wrong with that.
std::string Asking(const std::string& word);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_TOKEN_RULES_H_
