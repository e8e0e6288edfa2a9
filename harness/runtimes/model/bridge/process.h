#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_PROCESS_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_PROCESS_H_

namespace racelab::model {

// Makes an exception that nobody catches, and std::terminate, a finding.
void WatchTerminate();

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_PROCESS_H_
