#include "manifest/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "manifest/test_folder.h"

namespace racelab::manifest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Names(const Catalog& catalog) {
  std::vector<std::string> names;
  for (const LabFolder& lab : catalog.folders()) {
    names.push_back(lab.module + "/" + lab.name);
  }
  return names;
}

TEST(Catalog, FindsLabsByTheirManifestOnly) {
  TestFolder folder;
  folder.Write("labs/races/lost_update/lab.toml", "");
  folder.Write("labs/races/notes/README.md", "");
  folder.Write("labs/_template/lab.toml", "");
  folder.Write("labs/_drafts/some_lab/lab.toml", "");
  folder.Write("labs/README.md", "");
  const auto catalog = Catalog::Open(folder.path());
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_THAT(Names(*catalog), ElementsAre("races/lost_update"));
}

TEST(Catalog, OrdersModulesAsTheySay) {
  TestFolder folder;
  folder.Write("labs/atomics/a/lab.toml", "");
  folder.Write("labs/races/b/lab.toml", "");
  folder.Write("labs/locks/c/lab.toml", "");
  folder.Write("labs/races/module.toml", "title = \"Races\"\norder = 1\n");
  folder.Write("labs/locks/module.toml", "title = \"Locks\"\norder = 2\n");
  const auto catalog = Catalog::Open(folder.path());
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_THAT(Names(*catalog), ElementsAre("races/b", "locks/c", "atomics/a"));
  EXPECT_EQ(catalog->modules()[0].title, "Races");
  EXPECT_EQ(catalog->modules()[2].title, "atomics");
}

TEST(Catalog, FindsByNameAndOffersTheNearest) {
  TestFolder folder;
  folder.Write("labs/races/lost_update/lab.toml", "");
  folder.Write("labs/locks/bank_transfer/lab.toml", "");
  const auto catalog = Catalog::Open(folder.path());
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_EQ(catalog->Find("lost_update")->module, "races");
  EXPECT_EQ(catalog->Find("races/lost_update")->module, "races");
  const absl::Status status = catalog->Find("lost_updat").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("there is no lab \"lost_updat\"; did you mean "
                        "lost_update?"));
}

TEST(Catalog, AsksForTheModuleWhereANameIsInTwo) {
  TestFolder folder;
  folder.Write("labs/races/twin/lab.toml", "");
  folder.Write("labs/locks/twin/lab.toml", "");
  const auto catalog = Catalog::Open(folder.path());
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_THAT(std::string(catalog->Find("twin").status().message()),
              HasSubstr("races/twin"));
  EXPECT_EQ(catalog->Find("races/twin")->module, "races");
}

TEST(Catalog, SaysThatAFolderIsNoProject) {
  TestFolder folder;
  EXPECT_EQ(Catalog::Open(folder.path()).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(NearestNames, RanksByDistanceAndDropsTheFarOnes) {
  EXPECT_THAT(NearestNames("bank", {"bank_transfer", "lost_update", "tank"}),
              ElementsAre("bank_transfer", "tank"));
  EXPECT_THAT(NearestNames("zzz", {"bank_transfer", "lost_update"}), IsEmpty());
}

}  // namespace
}  // namespace racelab::manifest
