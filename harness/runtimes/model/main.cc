// runner.model: every interleaving of a lab's tests, on Relacy.

#include <sys/personality.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtimes/common/expectations.h"
#include "runtimes/common/runner.h"
#include "runtimes/model/bridge/loading.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/labels.h"
#include "runtimes/model/platform/fiber.h"
#include "runtimes/model/platform/sequential.h"
#include "runtimes/model/search/driver.h"
#include "runtimes/model/trace/names.h"
#include "runtimes/model/trace/trace.h"
#include "runtimes/model/world.h"
#include "symbols/symbols.h"

namespace racelab::model {
namespace {

class ModelRunner : public runtimes::EngineRunner {
 public:
  verdict::Engine engine() const override { return verdict::Engine::kModel; }
  bool isolated() const override { return false; }

  absl::Status Prepare(const runtimes::Request& request) override {
    const runtimes::Options& options = request.options;
    const SearchOptions defaults;
    options_.strategy = options.Text("strategy", defaults.strategy);
    options_.bound = static_cast<int>(options.Count("bound", 2));
    options_.depth = static_cast<int>(options.Count("depth", 3));
    options_.executions = options.Count("executions", defaults.executions);
    options_.seconds = options.Number("seconds", defaults.seconds);
    options_.max_steps = options.Count("max_steps", defaults.max_steps);
    options_.reduce = options.Flag("reduce", true);
    options_.replay = options.Text("replay", "");
    options_.seed = request.seed;
    const std::string memory = options.Text("memory", "rc11");
    if (memory != "rc11" && memory != "relacy") {
      return absl::InvalidArgumentError(
          "option \"memory\": expected rc11 or relacy");
    }
    options_.relacy_memory = memory == "relacy";
    avoid_wrfsbase = !options.Flag("wrfsbase", true);
    const std::vector<uint64_t> shard = options.Counts("shard", {0, 1});
    if (shard.size() != 2 || shard[1] > 1024 || shard[0] >= shard[1]) {
      return absl::InvalidArgumentError("shard is [index, count]");
    }
    options_.shard = {static_cast<int>(shard[0]), static_cast<int>(shard[1])};
    return Validate(options_);
  }

  std::string mend() const override { return "Change the option in lab.toml."; }

  runtimes::Judgement Judge(const runtimes::TestInfo& test,
                            runtimes::Session& session) override {
    if (!module_is_instrumented) {
      // Every access would go unseen, and "every" execution would pass.
      runtimes::Judgement refused;
      refused.result.outcome = verdict::Outcome::kHarnessError;
      refused.result.reason =
          "The module is not instrumented: the model checker sees nothing of "
          "what its threads do.";
      refused.result.mend = "Compile it with -fsanitize=thread.";
      return refused;
    }
    // What one test does to the globals must not be seen by the next one: a
    // replay runs its test alone.
    if (!World::SaveProgram(session.module()->extent().begin)) {
      return runtimes::Inconclusive("the module's memory was not found", "");
    }
    runtimes::Judgement judgement = test.concurrent
                                        ? JudgeConcurrent(test, session)
                                        : JudgeSequential(test, session);
    World::RestoreProgram();
    return judgement;
  }

  void Reached(const char* label, const char*, int) override {
    Bridge bridge;
    labels.reached.Add(label);
    if (Event* event = execution.active ? LogEvent(EventKind::kReached, 0, 0, 0)
                                        : nullptr) {
      event->detail = label;
    }
  }
  void ExpectReachable(const char* label, const char* file, int line) override {
    Bridge bridge;
    labels.expected.Add(label, file, line);
  }

 private:
  runtimes::Judgement JudgeSequential(const runtimes::TestInfo& test,
                                      const runtimes::Session& session) {
    runtimes::Judgement judgement;
    verdict::TestResult& result = judgement.result;
    runtimes::GoogleTestRun run;
    const SequentialEnd end =
        RunSequential([&] { run = runtimes::RunGoogleTest(test.name); },
                      session.module()->extent(), options_.seconds);
    if (end.kind != SequentialEnd::Kind::kReturned) {
      return NeverEnded(end, session);
    }
    if (!run.ran) {
      result.outcome = verdict::Outcome::kHarnessError;
      result.reason = "GoogleTest did not run " + test.name;
    } else if (run.skipped) {
      result.outcome = verdict::Outcome::kInconclusive;
      result.reason = "the test skips itself";
    } else if (!run.failures.empty()) {
      result.outcome = verdict::Outcome::kFail;
      result.finding = runtimes::ToFinding(run.failures.front());
    } else {
      result.outcome = verdict::Outcome::kPass;
      result.evidence.strength = verdict::Evidence::Strength::kChecked;
      result.evidence.executions = 1;
    }
    return judgement;
  }

  runtimes::Judgement NeverEnded(const SequentialEnd& end,
                                 const runtimes::Session& session) const {
    verdict::SourceLocation where;
    const auto names = symbols::Module::Open(
        session.module()->path(), session.module()->bias(),
        {.source_root = session.request().source_root});
    if (names.ok()) {
      const auto frames = (*names)->OwnFrames(end.stack);
      if (!frames.empty()) where = frames.front();
    }
    if (end.kind == SequentialEnd::Kind::kTooLong) {
      std::string reason =
          absl::StrCat("the test did not end within ", options_.seconds,
                       " s, and nothing proves that it never would");
      if (!where.file.empty()) {
        absl::StrAppend(&reason, "; it is at ", where.file, ":", where.line);
      }
      return runtimes::Inconclusive(
          reason, "look for a loop that never ends, or make the test smaller");
    }
    runtimes::Judgement judgement;
    judgement.result.outcome = verdict::Outcome::kFail;
    verdict::Finding& finding = judgement.result.finding.emplace();
    finding.where = where;
    if (end.kind == SequentialEnd::Kind::kBlocked) {
      finding.kind = verdict::FailureKind::kDeadlock;
      finding.message =
          "The test waits for ever: it has one thread, and nobody is left to "
          "wake it.";
    } else {
      finding.kind = verdict::FailureKind::kLivelock;
      finding.message =
          "The test goes round in a loop for ever: it has one thread, and "
          "nobody is left to change what the loop looks at.";
    }
    return judgement;
  }

  runtimes::Judgement JudgeConcurrent(const runtimes::TestInfo& test,
                                      runtimes::Session& session) {
    // In any thread of the program; ends the execution.
    runtimes::ExpectationScope scope(
        [](const runtimes::ExpectationFailure& failure) {
          if (!execution.active) return;
          Bridge bridge;
          FailAt(failure.message, failure.file, failure.line);
        },
        [] {
          if (!execution.active) return;
          Bridge bridge;
          Unsupported("the test skips itself", "Take the GTEST_SKIP() out.");
        });
    DriverHooks hooks;
    hooks.progress = [&](uint64_t executions) {
      session.Progress(test, executions);
    };
    std::unique_ptr<symbols::Module> names;
    const auto module = [&]() -> const symbols::Module* {
      if (names == nullptr && session.module() != nullptr) {
        auto opened = symbols::Module::Open(
            session.module()->path(), session.module()->bias(),
            {.source_root = session.request().source_root});
        if (opened.ok()) names = *std::move(opened);
      }
      return names.get();
    };
    // Asked at a race, which is rare; the answers are few.
    std::map<uintptr_t, bool> librarys;
    const std::function<bool(uintptr_t)> is_librarys = [&](uintptr_t pc) {
      const auto [known, is_new] = librarys.try_emplace(pc, false);
      if (is_new && module() != nullptr) {
        known->second = symbols::IsInAtomicSharedPtr(*module(), pc);
      }
      return known->second;
    };
    std::map<uintptr_t, bool> looks;
    const std::function<bool(uintptr_t)> is_look = [&](uintptr_t pc) {
      const auto [known, is_new] = looks.try_emplace(pc, false);
      if (is_new && module() != nullptr) {
        for (const verdict::SourceLocation& frame : module()->Frames(pc - 1)) {
          if (frame.file.ends_with("bits/atomic_wait.h")) known->second = true;
        }
      }
      return known->second;
    };
    static const std::function<bool(uintptr_t)>* ask_look;
    ask_look = &is_look;
    look_is_librarys = [](uintptr_t pc) { return (*ask_look)(pc); };
    static const std::function<bool(uintptr_t)>* ask_librarys;
    ask_librarys = &is_librarys;
    race_is_librarys = [](uintptr_t pc) { return (*ask_librarys)(pc); };
    const std::function<std::vector<std::string>(const std::vector<uintptr_t>&)>
        functions = [&](const std::vector<uintptr_t>& stack) {
          std::vector<std::string> names;
          if (module() == nullptr) return names;
          for (const uintptr_t pc : stack) {
            for (const verdict::SourceLocation& frame :
                 module()->Frames(pc - 1)) {
              if (module()->IsOwn(frame.file)) return names;
              names.push_back(frame.function);
            }
          }
          return names;
        };
    static const std::function<std::vector<std::string>(
        const std::vector<uintptr_t>&)>* ask_functions;
    ask_functions = &functions;
    library_functions = [](const std::vector<uintptr_t>& stack) {
      return (*ask_functions)(stack);
    };
    hooks.locate = [&](uintptr_t pc) {
      const symbols::Module* known = module();
      if (known == nullptr) return verdict::SourceLocation();
      const auto frames = known->OwnFrames({&pc, 1});
      return frames.empty() ? verdict::SourceLocation() : frames.front();
    };
    hooks.function = [&](const std::vector<uintptr_t>& stack) {
      DriverHooks::Function result;
      const symbols::Module* known = module();
      for (size_t i = 0; known != nullptr && i < stack.size(); ++i) {
        if (known->OwnFrames({&stack[i], 1}).empty()) continue;
        const auto function = known->FunctionAt(stack[i] - 1);
        // The scenario is not the student's to mend.
        if (function && function->declared.file.starts_with("student/")) {
          result = {function->begin, function->end, function->declared};
        }
        break;
      }
      return result;
    };
    hooks.name = [&](const EventLog& log, uintptr_t object) {
      const symbols::Module* known = module();
      if (known == nullptr) return std::string();
      std::string name = Names(log, *known).Variable(object, 1).name;
      return name.starts_with("0x") ? "" : name;
    };
    hooks.build_finding = [&](const Failure& failure, const EventLog& log,
                              const Witness& witness) {
      const symbols::Module* known = module();
      if (known == nullptr) {
        verdict::Finding finding;
        finding.kind = failure.kind;
        finding.message = failure.message;
        finding.where.file = failure.file;
        finding.where.line = failure.line;
        return finding;
      }
      verdict::Finding finding =
          BuildFinding(failure, log, *known, session.request().source_root,
                       witness.inevitable_from);
      if (finding.trace) {
        finding.trace->context_switches = witness.context_switches;
      }
      return finding;
    };
    runtimes::Judgement checked = CheckTest(
        test.name,
        [&](const WorldOptions& options) {
          return World::Create(test.body, options);
        },
        options_, hooks);
    race_is_librarys = nullptr;
    look_is_librarys = nullptr;
    library_functions = nullptr;
    ask_functions = nullptr;
    ask_librarys = nullptr;
    ask_look = nullptr;
    return checked;
  }

  SearchOptions options_;
};

// Addresses must be the same in every run, since a program may depend on them.
void FixAddresses(char** argv) {
  const int persona = personality(0xffffffff);
  if (persona == -1 || (persona & ADDR_NO_RANDOMIZE) != 0) return;
  if (personality(static_cast<unsigned long>(persona) | ADDR_NO_RANDOMIZE) ==
      -1) {
    return;
  }
  execv("/proc/self/exe", argv);
}

}  // namespace
}  // namespace racelab::model

int main(int argc, char** argv) {
  racelab::model::FixAddresses(argv);
  racelab::model::ModelRunner runner;
  return racelab::runtimes::RunnerMain(argc, argv, runner);
}
