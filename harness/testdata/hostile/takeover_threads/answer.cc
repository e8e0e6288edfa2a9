// static: defines std::thread::_M_start_thread
#include "answer.h"

#include <thread>

static int result = 0;

// One after the other, in the scenario too.
__attribute__((used)) inline void std::thread::_M_start_thread(_State_ptr state,
                                                               void (*)()) {
  _M_id = id(1);
  state->_M_run();
}
__attribute__((used)) inline void std::thread::join() { _M_id = id(); }
void Act() { result += 1; }
int Result() { return result; }
