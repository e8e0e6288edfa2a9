// std::thread's join() and detach(): code of libstdc++.so, which nobody
// instrumented. Without what is here, no engine would see that one thread asks
// joinable() or get_id() while another joins the same object.
//
// The program's calls come here, since a runner's symbols stand before the
// library's. What is to be done the library does; told is that it reads which
// thread the object stands for, and in the end writes that it is none. So much
// the program could see by get_id(). An object for which join() throws is not
// written to.
//
// Take it whole into a runner that answers __tsan_*.
//
// Thread safety: that of std::thread.

#include <thread>

#include "runtimes/common/interposing.h"

namespace racelab::runtimes {
namespace {

// The id is all that is in one.
static_assert(sizeof(std::thread) == 8);

void Call(std::thread* thread, void (*function)(std::thread*), void* pc) {
  const Teller teller(pc);
  if (teller.on()) teller.Read(thread);
  function(thread);
  if (teller.on()) teller.Wrote(thread);
}

}  // namespace

void Join(std::thread* thread) RACELAB_NAMED("_ZNSt6thread4joinEv");
void Join(std::thread* thread) {
  static constinit Library<void(std::thread*)> library("_ZNSt6thread4joinEv");
  Call(thread, library.get(), RACELAB_PC);
}

void Detach(std::thread* thread) RACELAB_NAMED("_ZNSt6thread6detachEv");
void Detach(std::thread* thread) {
  static constinit Library<void(std::thread*)> library("_ZNSt6thread6detachEv");
  Call(thread, library.get(), RACELAB_PC);
}

}  // namespace racelab::runtimes
