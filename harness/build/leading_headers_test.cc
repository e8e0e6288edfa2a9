#include "build/leading_headers.h"

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace racelab::build {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Of(const std::map<std::string, std::string>& sources) {
  return LeadingHeaders(sources, "student/a.cc");
}

TEST(LeadingHeaders, AreFoundThroughTheStudentsOwnHeaders) {
  EXPECT_THAT(Of({{"student/a.cc",
                   "// A counter.\n#include \"a.h\"\n\n#include <thread>\n"},
                  {"student/a.h",
                   "#ifndef A_H_\n#define A_H_\n#include <mutex> // locks\n"
                   "#include \"b.h\"\n#endif\n"},
                  {"student/b.h", "#pragma once\n#include <sys/wait.h>\n"}}),
              ElementsAre("mutex", "sys/wait.h", "thread"));
}

TEST(LeadingHeaders, AreNotReadBehindALineThatGoesOnNowhere) {
  EXPECT_THAT(Of({{"student/a.cc", "int x; \\"}}), IsEmpty());
  EXPECT_THAT(Of({{"student/a.cc", "#include \"a.h\"\n#include <mutex>\n"},
                  {"student/a.h", "#pragma once\nint x; \\"}}),
              IsEmpty());
}

TEST(LeadingHeaders, EndWithTheFirstOtherText) {
  // Each would come before <mutex> in the unit, and after it with the header
  // compiled first.
  for (const char* other :
       {"int x;", "#define NDEBUG", "#undef X", "#if 1", "#ifdef X",
        "#ifndef NDEBUG\n#define NDEBUG", "#ifndef _MAP_H\n#define _MAP_H",
        "#ifndef A_H\n#define A_H 2", "#ifndef A_H",
        "#pragma GCC visibility push(hidden)", "#include \"missing.h\"",
        "#include <../x>", "#include HEADER", "#include \"code.h\"",
        "#include <own>", "#import <map>", "extern \"C\" {"}) {
    EXPECT_THAT(Of({{"student/a.cc", std::string("#include <vector>\n") +
                                         other + "\n#include <mutex>\n"},
                    {"student/code.h", "#include <map>\nint f();\n"},
                    {"student/own", ""}}),
                ::testing::Not(::testing::Contains("mutex")))
        << other;
  }
}

TEST(LeadingHeaders, AFileWithoutAnyHasNone) {
  EXPECT_THAT(Of({{"student/a.cc", "int x;\n#include <mutex>\n"}}), IsEmpty());
  EXPECT_THAT(Of({{"student/a.cc", ""}}), IsEmpty());
  EXPECT_THAT(Of({{"student/a.cc", "#include \"a.cc\"\n#include <map>\n"}}),
              IsEmpty());
}

}  // namespace
}  // namespace racelab::build
