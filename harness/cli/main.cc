// racelab: the command line. Options here, the work in a file per subcommand.

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/state.h"
#include "manifest/catalog.h"
#include "manifest/text.h"
#include "sandbox/sandbox.h"
#include "scoring/scoring.h"

namespace {

namespace fs = std::filesystem;
namespace cli = racelab::cli;
using racelab::manifest::Append;
using racelab::manifest::Cat;
using racelab::scoring::kExitUsage;

// Ends what runs; everything then unwinds by itself, and what is half written
// is removed.
void OnInterrupt(int) { racelab::sandbox::CancelAll(); }

void HandleSignals() {
  struct sigaction action{};
  action.sa_handler = OnInterrupt;
  sigemptyset(&action.sa_mask);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    sigaction(signal, &action, nullptr);
  }
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

fs::path OwnFolder() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path();
}

struct GlobalOptions {
  std::string root;
  std::string harness;
  std::string runners;
  std::string state;
  std::string compiler = "clang-19";
  bool no_sandbox = false;
};

absl::StatusOr<cli::Context> MakeContext(const GlobalOptions& options, int argc,
                                         char** argv) {
  cli::Context context;
  if (options.root.empty()) {
    auto root = cli::FindRoot(fs::current_path());
    if (!root.ok()) return root.status();
    context.root = *root;
  } else {
    std::error_code error;
    context.root = fs::canonical(options.root, error);
    if (error) {
      return absl::NotFoundError(
          Cat("--root ", options.root, " does not exist"));
    }
  }
  const auto place = [](const std::string& given, const fs::path& usual) {
    return given.empty() ? usual : fs::absolute(given).lexically_normal();
  };
  context.harness = place(options.harness, context.root / "harness");
  context.runners = place(options.runners, OwnFolder());
  context.state = place(options.state, context.root / ".racelab");
  context.no_sandbox = options.no_sandbox;
  context.compiler = options.compiler == "gcc-12"
                         ? racelab::build::Compiler::kGcc12
                         : racelab::build::Compiler::kClang19;
  context.command = "racelab";
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--root") {  // the launcher's, not the person's
      ++i;
      continue;
    }
    Append(context.command, " ", cli::ShellWord(word));
  }
  return context;
}

}  // namespace

int main(int argc, char** argv) {
  HandleSignals();
  CLI::App app(
      "Racelab: repair concurrent C++, and have the repair proved by\n"
      "ThreadSanitizer, a stress engine and a model checker.",
      "./racelab");
  app.require_subcommand(1);
  app.set_version_flag("--version", Cat("racelab ", cli::kVersion));
  app.get_formatter()->column_width(28);
  app.footer(
      "Exit codes: 0 pass, 1 the code under test fails, 2 usage or manifest,\n"
      "3 harness or machine, 130 interrupted.\n\n"
      "Examples:\n"
      "  ./racelab list\n"
      "  ./racelab check lost_update\n"
      "  ./racelab COMMAND --help        the options of a command");

  GlobalOptions global;
  app.add_option("--compiler", global.compiler, "What compiles the labs")
      ->check(CLI::IsMember({"clang-19", "gcc-12"}))
      ->capture_default_str();
  app.add_flag("--no-sandbox", global.no_sandbox,
               "Run without isolation where the machine has none (your own "
               "code only)");
  const std::string places = "Places";
  app.add_option("--root", global.root, "The project [the one around here]")
      ->group(places);
  app.add_option("--state", global.state, "What is remembered [ROOT/.racelab]")
      ->group(places);
  app.add_option("--harness", global.harness, "The sources [ROOT/harness]")
      ->group(places);
  app.add_option("--runners", global.runners,
                 "The runners [beside this program]")
      ->group(places);
  app.fallthrough();

  int exit_code = 0;
  cli::Context context;
  racelab::manifest::Catalog catalog;
  const auto open = [&] {
    auto made = MakeContext(global, argc, argv);
    if (!made.ok()) {
      exit_code = cli::Fail(made.status(), kExitUsage);
      return false;
    }
    context = *std::move(made);
    auto opened = racelab::manifest::Catalog::Open(context.root);
    if (!opened.ok()) {
      exit_code = cli::Fail(opened.status(), kExitUsage);
      return false;
    }
    catalog = *std::move(opened);
    // `reset` reports a state folder that cannot be written; others need none.
    cli::KeepStarters(context, catalog).IgnoreError();
    return true;
  };

  auto* list = app.add_subcommand("list",
                                  "Every lab, by module: state, points, "
                                  "what it teaches");
  list->callback([&] {
    if (open()) exit_code = cli::List(context, catalog);
  });

  cli::CheckOptions check_options;
  auto* check = app.add_subcommand(
      "check", "Judge your repair: build it, run every engine, explain");
  check->add_option("LAB", check_options.lab, "For example lost_update")
      ->required();
  check
      ->add_option("--from", check_options.from,
                   "Take the editable files from DIR/student/ or "
                   "DIR/LAB/student/")
      ->type_name("DIR");
  check
      ->add_option("--explain", check_options.explain,
                   "How many failing tests are told at length")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  check
      ->add_option("--jobs", check_options.jobs,
                   "Processes that share each search of the model checker: "
                   "for scenarios that take it long")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  check->footer(
      "Examples:\n"
      "  ./racelab check lost_update\n"
      "  ./racelab check bounded_buffer --jobs 4\n"
      "  ./racelab check races/lost_update --from ~/handed-in/anna");
  check->callback([&] {
    if (open()) exit_code = cli::Check(context, catalog, check_options);
  });

  cli::WatchOptions watch_options;
  auto* watch =
      app.add_subcommand("watch", "Check a lab whenever you save its files");
  watch->add_option("LAB", watch_options.lab, "All labs if none is named");
  watch->footer("Example:\n  ./racelab watch lost_update");
  watch->callback([&] {
    if (open()) exit_code = cli::Watch(context, catalog, watch_options);
  });

  cli::HintOptions hint_options;
  auto* hint = app.add_subcommand("hint", "The next hint for a lab");
  hint->add_option("LAB", hint_options.lab)->required();
  hint->add_flag("--again", hint_options.again, "Those already shown, again");
  hint->footer("Example:\n  ./racelab hint lost_update");
  hint->callback([&] {
    if (open()) exit_code = cli::Hint(context, catalog, hint_options);
  });

  std::string reset_lab;
  auto* reset = app.add_subcommand(
      "reset", "The starter again; your work is kept, and it says where");
  reset->add_option("LAB", reset_lab)->required();
  reset->footer("Example:\n  ./racelab reset lost_update");
  reset->callback([&] {
    if (open()) exit_code = cli::Reset(context, catalog, reset_lab);
  });

  cli::ReplayOptions replay_options;
  auto* replay =
      app.add_subcommand("replay", "A failing execution again, step by step");
  replay->add_option("TOKEN", replay_options.token, "From a report: rl1.…")
      ->required();
  replay->add_flag("--gdb", replay_options.gdb,
                   "Under gdb, without the sandbox: for code that you trust");
  replay
      ->add_option("--from", replay_options.from,
                   "The files that the token is of, if they are not the "
                   "lab's own")
      ->type_name("DIR");
  replay->footer("Example:\n  ./racelab replay rl1.lost_update.… --gdb");
  replay->callback([&] {
    if (open()) exit_code = cli::Replay(context, catalog, replay_options);
  });

  auto* doctor = app.add_subcommand(
      "doctor", "What this machine gives, each line with its mend");
  doctor->callback([&] {
    auto made = MakeContext(global, argc, argv);
    exit_code =
        made.ok() ? cli::Doctor(*made) : cli::Fail(made.status(), kExitUsage);
  });

  cli::GradeOptions grade_options;
  auto* grade = app.add_subcommand("grade", "Grade a submission, unattended");
  grade->add_option("LAB", grade_options.labs,
                    "Which labs [those that the submission holds]");
  grade->add_flag("--all", grade_options.all,
                  "Every lab; one that was not handed in gets no points");
  grade
      ->add_option("--submission", grade_options.submission,
                   "DIR/LAB/student/…, or DIR/student/… for one lab")
      ->type_name("DIR")
      ->required();
  grade->add_option("--out", grade_options.out, "Where the results go")
      ->type_name("DIR")
      ->required();
  grade
      ->add_option("--format", grade_options.formats,
                   "Beside results.json: junit (results.xml), github "
                   "(annotations, summary.md), text (report.txt)")
      ->check(CLI::IsMember({"json", "junit", "github", "text"}))
      ->delimiter(',');
  grade->add_option("--jobs", grade_options.jobs, "Labs at the same time")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  grade->add_option("--seed", grade_options.seed, "Of all random choices")
      ->capture_default_str();
  grade->footer(
      "Examples:\n"
      "  ./racelab grade lost_update --submission anna/ --out results/anna\n"
      "  ./racelab grade --all --submission anna/ --out results/anna "
      "--format junit");
  grade->callback([&] {
    if (open()) {
      exit_code = cli::GradeSubmission(context, catalog, grade_options);
    }
  });

  cli::VerifyOptions verify_options;
  auto* verify = app.add_subcommand(
      "verify", "The instructor's gate: is each lab what it says it is?");
  verify->add_option("LAB", verify_options.labs, "Which labs [all]");
  verify->add_flag("--all", verify_options.all, "Every lab");
  verify
      ->add_option("--matrix", verify_options.matrix,
                   "Who caught what: FILE.md, FILE.html, or - for the "
                   "terminal; runs every engine on every answer. What FILE has "
                   "counted is kept while the deciding sources are the same")
      ->type_name("FILE");
  verify
      ->add_option("--repeat", verify_options.repeat,
                   "Each answer so many times, each with another seed")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  verify->add_option("--jobs", verify_options.jobs, "Answers at the same time")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  verify->add_flag("--fresh", verify_options.fresh,
                   "Prove again what was proved before");
  verify->footer(
      "Examples:\n"
      "  ./racelab verify lost_update\n"
      "  ./racelab verify --all --matrix who-caught-what.md");
  verify->callback([&] {
    if (open()) exit_code = cli::Verify(context, catalog, verify_options);
  });

  cli::NewOptions new_options;
  auto* create = app.add_subcommand("new", "A new lab, from labs/_template");
  create->add_option("MODULE/LAB", new_options.lab)->required();
  create->footer("Example:\n  ./racelab new races/torn_write");
  create->callback([&] {
    if (open()) exit_code = cli::New(context, new_options);
  });

  cli::HandoutOptions handout_options;
  auto* handout = app.add_subcommand(
      "handout", "What students get: labs and harness, no answers");
  handout->add_option("DIR", handout_options.out, "A folder that is new")
      ->required();
  handout->footer("Example:\n  ./racelab handout ../course-2027");
  handout->callback([&] {
    if (open()) exit_code = cli::Handout(context, catalog, handout_options);
  });

  auto* test = app.add_subcommand(
      "test", "The project's own tests (--everything: the long ones too)");
  test->allow_extras();
  test->callback([&] {
    exit_code = cli::Fail(
        "`test` builds before it runs: start it as "
        "./racelab test",
        kExitUsage);
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    // CLI11 misses the subcommand before it looks at what it does not know.
    const std::vector<std::string> unknown = app.remaining();
    if (unknown.empty()) {
      app.exit(error);
    } else {
      app.exit(CLI::ExtrasError(unknown));
    }
    return kExitUsage;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  // Who reads a pipe may stop when he has seen enough (`| head`).
  struct stat out = {};
  const bool failed = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  if (failed && (fstat(STDOUT_FILENO, &out) != 0 || !S_ISFIFO(out.st_mode))) {
    return cli::Fail("the standard output could not be written",
                     racelab::scoring::kExitMachine);
  }
  return exit_code;
}
