// What library_at_exit.cc asks for; a runner that takes it defines this.

#ifndef RACELAB_RUNTIMES_COMMON_LIBRARY_AT_EXIT_H_
#define RACELAB_RUNTIMES_COMMON_LIBRARY_AT_EXIT_H_

#include <condition_variable>

namespace racelab::runtimes {

// Has element->_M_cb(element) called when the calling thread has ended, its
// thread_locals included. The last one that was given is called first.
void AtThreadExit(std::__at_thread_exit_elt* element);

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_LIBRARY_AT_EXIT_H_
