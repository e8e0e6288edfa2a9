// What build's tests share: a lab to build, and a disk that is soon full.

#ifndef RACELAB_BUILD_TESTING_H_
#define RACELAB_BUILD_TESTING_H_

#include <filesystem>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "build/build.h"
#include "gtest/gtest.h"
#include "manifest/manifest.h"
#include "manifest/test_folder.h"
#include "verdict/verdict.h"

namespace racelab::build {

extern const char kCounter[];
extern const char kScenario[];

// The cache is the test run's: precompiling takes seconds.
class BuildTest : public testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

  BuildTest();

  BuildOutcome MustBuild();
  // The one finding of a submission that does not build.
  verdict::Finding MustFail(std::string source);

  static const manifest::TestFolder* folder_;
  static const std::filesystem::path* root_;
  manifest::Lab lab_;
  BuildRequest request_;
};

// What `work` says in a process where the folder is a disk of that size. Fails
// the test where none can be mounted: whoever has a sandbox can.
std::string OnSmallDisk(const std::filesystem::path& folder,
                        const std::string& size,
                        const std::function<absl::Status()>& work);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_TESTING_H_
