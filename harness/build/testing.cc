#include "build/testing.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>

#include "build/cache.h"
#include "gmock/gmock.h"

namespace racelab::build {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

namespace {

constexpr char kHeader[] = "void Add(int n);\nint Total();\n";

}  // namespace

const char kCounter[] =
    "#include \"counter.h\"\n"
    "#include <mutex>\n"
    "static std::mutex mutex;\n"
    "static int total = 0;\n"
    "void Add(int n) { std::lock_guard<std::mutex> lock(mutex); total += n; }\n"
    "int Total() { std::lock_guard<std::mutex> lock(mutex); return total; }\n";
const char kScenario[] =
    "#include \"counter.h\"\n"
    "#include \"labkit/labkit.h\"\n"
    "// the secret\n"
    "TEST(Counter, Adds) { Add(2); EXPECT_EQ(Total(), 2); }\n";

const manifest::TestFolder* BuildTest::folder_ = nullptr;
const fs::path* BuildTest::root_ = nullptr;

void BuildTest::SetUpTestSuite() {
  folder_ = new manifest::TestFolder;
  root_ = &folder_->path();
}
void BuildTest::TearDownTestSuite() { delete folder_; }

BuildTest::BuildTest() {
  lab_.module = "races";
  lab_.name = "counter";
  lab_.editable = {"counter.cc"};
  lab_.may_use = {"mutex"};
  lab_.directory = *root_ / "labs/races/counter";
  EXPECT_TRUE(MakeFolder(lab_.directory / "student").ok());
  EXPECT_TRUE(WriteFile(lab_.directory / "student/counter.h", kHeader).ok());
  EXPECT_TRUE(WriteFile(lab_.directory / "student/counter.cc", "starter").ok());
  EXPECT_TRUE(WriteFile(lab_.directory / "scenario.cc", kScenario).ok());
  request_.lab = &lab_;
  request_.harness = fs::current_path() / "harness";
  request_.cache = fs::path(RACELAB_TEST_STATE) / "cache/modules";
  request_.student = {{"counter.cc", kCounter}};
}

BuildOutcome BuildTest::MustBuild() {
  auto outcome = Build(request_);
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  return outcome.value_or(BuildOutcome{});
}

verdict::Finding BuildTest::MustFail(std::string source) {
  request_.student["counter.cc"] = std::move(source);
  const BuildOutcome outcome = MustBuild();
  EXPECT_FALSE(outcome.modules.has_value());
  EXPECT_THAT(outcome.findings, SizeIs(1));
  if (outcome.findings.size() != 1) return {};
  EXPECT_EQ(outcome.findings[0].kind, verdict::FailureKind::kBuildError);
  EXPECT_THAT(outcome.findings[0].output,
              AllOf(Not(HasSubstr(root_->string())),
                    Not(HasSubstr(RACELAB_TEST_STATE))));
  return outcome.findings[0];
}

std::string OnSmallDisk(const fs::path& folder, const std::string& size,
                        const std::function<absl::Status()>& work) {
  const manifest::TestFolder elsewhere;
  const fs::path said = elsewhere.path() / "said";
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  constexpr int kNoMount = 77;
  const pid_t pid = fork();
  if (pid == 0) {
    // Root of a container may need what everybody else does.
    const bool direct = uid == 0 && unshare(CLONE_NEWNS) == 0;
    if (!direct && unshare(CLONE_NEWNS | CLONE_NEWUSER) != 0) _exit(kNoMount);
    const auto itself = [](uint32_t id) {
      return std::to_string(id) + " " + std::to_string(id) + " 1";
    };
    if (!direct && !(WriteFile("/proc/self/setgroups", "deny").ok() &&
                     WriteFile("/proc/self/gid_map", itself(gid)).ok() &&
                     WriteFile("/proc/self/uid_map", itself(uid)).ok())) {
      _exit(kNoMount);
    }
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", folder.c_str(), "tmpfs", 0, ("size=" + size).c_str())) {
      _exit(kNoMount);
    }
    _exit(WriteFile(said, work().ToString()).ok() ? 0 : 1);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  const auto text = ReadFile(said);
  EXPECT_TRUE(text.ok())
      << (WIFEXITED(status) && WEXITSTATUS(status) == kNoMount
              ? "no small disk can be mounted here; let these tests do what "
                "bubblewrap does: ./racelab doctor"
              : "the work did not end");
  return text.value_or("");
}

}  // namespace racelab::build
