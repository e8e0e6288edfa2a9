// Every call that a compiler's instrumentation can make is answered: whatever
// libtsan exports for generated code is exported by the runner, too.

#include <gtest/gtest.h>

#include <cstdio>
#include <set>
#include <string>

namespace racelab::model {
namespace {

std::set<std::string> Lines(const std::string& command) {
  std::set<std::string> lines;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return lines;
  char line[512];
  while (fgets(line, sizeof line, pipe) != nullptr) {
    std::string text = line;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    lines.insert(text);
  }
  pclose(pipe);
  return lines;
}

// What compilers emit, as opposed to what programs may call.
const char kEmitted[] =
    " | grep -oE '__tsan_(init|func_(entry|exit)|(unaligned_)?(volatile_)?"
    "(read|write)(_write)?(1|2|4|8|16)(_pc)?|(read|write)_range(_pc)?|"
    "vptr_(read|update)|mem(cpy|move|set)|atomic[a-z0-9_]*)$' | sort -u";

TEST(TsanSymbols, AllThatCompilersEmitAreDefined) {
  const std::set<std::string> defined =
      Lines(std::string("nm -D --defined-only ") + RACELAB_BIN +
            "/runner.model" + kEmitted);
  ASSERT_FALSE(defined.empty());
  int libraries = 0;
  for (const char* library :
       {"g++-12 -print-file-name=libtsan.so",
        "clang++-19 -print-file-name=libclang_rt.tsan-x86_64.a"}) {
    const std::set<std::string> wanted =
        Lines("f=$(" + std::string(library) +
              "); (nm -g --defined-only $f; nm -D --defined-only $f) "
              "2>/dev/null" +
              kEmitted);
    if (wanted.size() < 50) continue;  // not installed
    ++libraries;
    for (const std::string& name : wanted) {
      EXPECT_TRUE(defined.contains(name)) << name << " of " << library;
    }
  }
  EXPECT_GE(libraries, 1);
}

}  // namespace
}  // namespace racelab::model
