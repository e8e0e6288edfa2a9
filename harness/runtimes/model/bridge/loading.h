// While the module is loaded: what its static initializers allocate belongs to
// the state that every execution starts from.

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_LOADING_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_LOADING_H_

namespace racelab::model {

// Set by the interposed dlopen.
extern bool module_is_loading;

// Looks up which code is the runner's own; before the program runs, since the
// loader's list of objects may be locked later.
void FindOwnCode();

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_LOADING_H_
