// A folder of a test's own, gone when the test ends.

#ifndef RACELAB_MANIFEST_TEST_FOLDER_H_
#define RACELAB_MANIFEST_TEST_FOLDER_H_

#include <errno.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace racelab::manifest {

class TestFolder {
 public:
  TestFolder() {
    // mkdtemp() puts a name that is free in the place of the X.
    std::string name =
        (std::filesystem::temp_directory_path() / "racelab-test-XXXXXX")
            .string();
    if (mkdtemp(name.data()) == nullptr) {
      throw std::filesystem::filesystem_error(
          "no folder for a test", name,
          std::error_code(errno, std::generic_category()));
    }
    path_ = std::filesystem::canonical(name);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

  // Makes the folders that `name` needs.
  std::filesystem::path Write(std::string_view name,
                              std::string_view content) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
    return file;
  }

 private:
  std::filesystem::path path_;
};

// A lab.toml that is right, for tests that break it.
inline constexpr std::string_view kGoodManifest = R"(schema = 1
title = "Lost update"
order = 1
teaches = "A counter is read, changed and written."
editable = ["counter.cc"]
may_use = ["mutex", "atomic"]

[[tests]]
name = "Counter.NoIncrementIsLost"
points = 6
engines = ["tsan", "stress", "model"]
model = { expect = "exhausted", seconds = 2 }
stress = { seconds = 0.5 }

[[tests]]
name = "Counter.StartsAtZero"
points = 1
engines = ["model"]
model = { expect = "sampled", sampled_because = "It is long.", strategy = "pct" }

[[starter.fails]]
test = "Counter.NoIncrementIsLost"
engine = "model"
kind = ["data-race", "wrong-result"]
)";

}  // namespace racelab::manifest

#endif  // RACELAB_MANIFEST_TEST_FOLDER_H_
