#include "build/sources.h"

#include <filesystem>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "manifest/test_folder.h"

namespace racelab::build {
namespace {

using ::testing::ElementsAre;

TEST(Collect, LeavesOutWhatEditorsLeaveBehind) {
  const manifest::TestFolder folder;
  folder.Write("scenario.cc", "test");
  folder.Write("student/counter.cc", "starter");
  folder.Write("student/counter.h", "header");
  for (const char* name : {".counter.cc.swp", "#counter.cc#", "counter.cc~",
                           "._counter.cc", ".git/counter.cc"}) {
    folder.Write(std::string("student/") + name, "left behind");
  }
  // Emacs: who is editing, as a link to nothing.
  std::filesystem::create_symlink("ada@museum.17",
                                  folder.path() / "student/.#counter.cc");
  manifest::Lab lab;
  lab.directory = folder.path();
  const auto sources = Collect(lab, {{"counter.cc", "my work"}});
  ASSERT_TRUE(sources.ok()) << sources.status();
  std::vector<std::string> names;
  for (const auto& [name, content] : *sources) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("scenario.cc", "student/counter.cc",
                                 "student/counter.h"));
  EXPECT_EQ(sources->at("student/counter.cc"), "my work");
}

}  // namespace
}  // namespace racelab::build
