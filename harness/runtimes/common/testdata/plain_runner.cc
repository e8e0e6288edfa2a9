// The smallest runner: runs each test once, in a child, and passes what does
// not fail. For the frame's own tests.
#include <optional>
#include <string>

#include "runtimes/common/child.h"
#include "runtimes/common/expectations.h"
#include "runtimes/common/runner.h"

namespace racelab::runtimes {
namespace {

class PlainRunner : public EngineRunner {
 public:
  verdict::Engine engine() const override { return verdict::Engine::kProcess; }
  bool isolated() const override { return true; }
  absl::Status Prepare(const Request& request) override {
    if (request.options.Flag("unable", false)) {
      return absl::UnavailableError("this machine is too small");
    }
    return absl::OkStatus();
  }
  std::string mend() const override { return "get a bigger one"; }

  Judgement Judge(const TestInfo& test, Session& session) override {
    std::string said;
    bool ended = false;
    bool skipped = false;
    ChildOptions options;
    options.work = [&](const Messenger& messenger) {
      auto module = LoadedModule::Load(session.request().module);
      if (!module.ok()) return 1;
      const GoogleTestRun run = RunGoogleTest(test.name);
      for (const auto& failure : run.failures) {
        messenger.Send('F', ToFinding(failure).message);
      }
      if (run.skipped) messenger.Send('K', "");
      messenger.Send('.', "");
      return 0;
    };
    options.on_message = [&](char kind, std::string_view bytes) {
      if (kind == '.') ended = true;
      if (kind == 'K') skipped = true;
      if (kind == 'F') said.append(bytes);
    };
    const auto end = RunChild(options);
    Judgement judgement;
    if (!end.ok()) return judgement;
    judgement.result.outcome =
        skipped ? verdict::Outcome::kInconclusive : verdict::Outcome::kPass;
    if (!ended || !said.empty()) {
      judgement.result.outcome = verdict::Outcome::kFail;
      judgement.result.finding.emplace();
      judgement.result.finding->message =
          !said.empty() ? said
          : end->how == ChildEnd::How::kSignaled
              ? SignalName(end->signal)
              : "left with " + std::to_string(end->code);
    }
    return judgement;
  }
};

}  // namespace
}  // namespace racelab::runtimes

int main(int argc, char** argv) {
  racelab::runtimes::PlainRunner runner;
  return racelab::runtimes::RunnerMain(argc, argv, runner);
}
