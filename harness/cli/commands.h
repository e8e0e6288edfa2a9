// The subcommands, a file each. Every function returns racelab's exit code:
// 0 pass, 1 the code under test fails, 2 usage or manifest, 3 harness or
// machine, 130 interrupted.

#ifndef RACELAB_CLI_COMMANDS_H_
#define RACELAB_CLI_COMMANDS_H_

#include <filesystem>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/grading.h"

namespace racelab::cli {

struct CheckOptions {
  std::string lab;
  std::filesystem::path from;        // empty: the lab's own student/
  int explain = 1;                   // failures told at length
  int jobs = 1;                      // processes that share a search
  std::vector<std::string> formats;  // beside the terminal's, to stdout
};

struct WatchOptions {
  std::string lab;  // empty: all
};

struct HintOptions {
  std::string lab;
  bool again = false;
};

struct ReplayOptions {
  std::string token;
  std::filesystem::path from;
  bool gdb = false;
};

struct GradeOptions {
  std::vector<std::string> labs;
  bool all = false;
  std::filesystem::path submission;
  std::filesystem::path out;
  std::vector<std::string> formats;
  int jobs = DefaultJobs();
  int seed = 1;
};

struct VerifyOptions {
  std::vector<std::string> labs;
  bool all = false;
  std::filesystem::path matrix;  // empty: none; "-": the terminal
  int repeat = 1;
  int jobs = DefaultJobs();
  bool fresh = false;  // do not use what is remembered
};

struct NewOptions {
  std::string lab;  // "module/name"
};

struct HandoutOptions {
  std::filesystem::path out;
};

int List(const Context& context, const manifest::Catalog& catalog);
int Check(const Context& context, const manifest::Catalog& catalog,
          const CheckOptions& options);
int Watch(const Context& context, const manifest::Catalog& catalog,
          const WatchOptions& options);
int Hint(const Context& context, const manifest::Catalog& catalog,
         const HintOptions& options);
int Reset(const Context& context, const manifest::Catalog& catalog,
          const std::string& lab);
int Replay(const Context& context, const manifest::Catalog& catalog,
           const ReplayOptions& options);
int Doctor(const Context& context);
int GradeSubmission(const Context& context, const manifest::Catalog& catalog,
                    const GradeOptions& options);
int Verify(const Context& context, const manifest::Catalog& catalog,
           const VerifyOptions& options);
int New(const Context& context, const NewOptions& options);
int Handout(const Context& context, const manifest::Catalog& catalog,
            const HandoutOptions& options);

}  // namespace racelab::cli

#endif  // RACELAB_CLI_COMMANDS_H_
