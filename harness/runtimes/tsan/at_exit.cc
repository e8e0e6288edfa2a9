// What happens at a thread's end, for libtsan (library_at_exit.h).

#include <pthread.h>

#include <condition_variable>
#include <cstdlib>

#include "runtimes/common/library_at_exit.h"

namespace racelab::runtimes {
namespace {

using Element = std::__at_thread_exit_elt;

void Run(void* first) {
  for (auto* element = static_cast<Element*>(first); element != nullptr;) {
    Element* const next = element->_M_next;
    element->_M_cb(element);
    element = next;
  }
}

pthread_key_t MakeKey() {
  pthread_key_t key;
  if (pthread_key_create(&key, &Run) != 0) abort();
  return key;
}

}  // namespace

void AtThreadExit(Element* element) {
  static const pthread_key_t key = MakeKey();
  element->_M_next = static_cast<Element*>(pthread_getspecific(key));
  pthread_setspecific(key, element);
}

}  // namespace racelab::runtimes
