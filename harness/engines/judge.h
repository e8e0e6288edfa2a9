// From how a runner ended, and what it had said by then, to results. Pure.

#ifndef RACELAB_ENGINES_JUDGE_H_
#define RACELAB_ENGINES_JUDGE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engines/transcript.h"
#include "sandbox/sandbox.h"
#include "verdict/judgement.h"
#include "verdict/verdict.h"

namespace racelab::engines {

// Results of tests that are settled. A test that is not in it is to be run
// again: another test's crash took the run down before its pass was confirmed
// by `done`. Of a list that is not empty at least one test is settled.
std::map<std::string, verdict::Judgement> Judge(
    verdict::Engine engine, const std::vector<std::string>& tests,
    const Transcript& transcript, const sandbox::RunResult& run,
    const sandbox::Limits& limits);

// A result for every test where the runner could not be started.
std::map<std::string, verdict::Judgement> CouldNotRun(
    verdict::Engine engine, const std::vector<std::string>& tests,
    const absl::Status& why);

// "what happened; what to do about it" → both halves.
void SplitMend(const std::string& message, std::string& reason,
               std::string& mend);

}  // namespace racelab::engines

#endif  // RACELAB_ENGINES_JUDGE_H_
