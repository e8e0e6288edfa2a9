// The programs of harness/bench/programs, written by hand against Relacy's own
// types: what runner.model's rate is compared with (harness/bench/model_rate).
//
//   model_by_hand PROGRAM EXECUTIONS
//
// PROGRAM: counter, store_buffering (two threads that Relacy starts itself),
// counter_joined, store_buffering_joined (a main thread that starts two threads
// and waits for them: what the C++ program does). Random scheduler. Prints
// nothing if all is well; its processor time is what counts.

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <sstream>

// Must be first of Relacy's; brings all of it, in this one place.
#include <relacy/relacy.hpp>

namespace {

struct CounterState {
  rl::mutex mutex;
  rl::var<int> value;

  void Reset() { value($) = 0; }
  void Run(unsigned) {
    for (int i = 0; i < 2; ++i) {
      mutex.lock($);
      value($) = value($) + 1;
      mutex.unlock($);
    }
  }
  void Check() { RL_ASSERT(value($) == 4); }
};

struct StoreBufferingState {
  rl::atomic<int> x;
  rl::atomic<int> y;
  rl::var<int> seen[2];

  void Reset() {
    x.store(0, rl::mo_relaxed, $);
    y.store(0, rl::mo_relaxed, $);
  }
  void Run(unsigned thread) {
    rl::atomic<int>& mine = thread == 0 ? x : y;
    rl::atomic<int>& other = thread == 0 ? y : x;
    mine.store(1, rl::mo_release, $);
    seen[thread]($) = other.load(rl::mo_acquire, $);
  }
  void Check() { RL_ASSERT(seen[0]($) + seen[1]($) <= 2); }
};

// Relacy starts both threads.
template <typename State>
struct Static : rl::test_suite<Static<State>, 2> {
  State state;
  void before() { state.Reset(); }
  void thread(unsigned index) { state.Run(index); }
  void after() { state.Check(); }
};

// A main thread starts both and waits for them.
template <typename State>
struct Joined : rl::test_suite<Joined<State>, 1> {
  static rl::thread_id_t const dynamic_thread_count = 2;
  State state;

  struct Start {
    Joined* self;
    unsigned index;
  };
  static void* Enter(void* argument) {
    Start* start = static_cast<Start*>(argument);
    start->self->state.Run(start->index);
    return nullptr;
  }
  void before() { state.Reset(); }
  void thread(unsigned) {
    Start starts[2] = {{this, 0}, {this, 1}};
    rl::dyn_thread threads[2];
    for (int i = 0; i < 2; ++i) threads[i].start(&Enter, &starts[i]);
    for (int i = 0; i < 2; ++i) threads[i].join();
    state.Check();
  }
};

template <typename Test>
int Simulate(const char* executions) {
  std::ostringstream output;
  rl::test_params params;
  params.iteration_count = std::strtoull(executions, nullptr, 10);
  params.search_type = rl::random_scheduler_type;
  params.output_stream = &output;
  params.progress_stream = &output;
  if (rl::simulate<Test>(params)) return 0;
  std::cerr << output.str();
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3) {
    const char* program = argv[1];
    if (std::strcmp(program, "counter") == 0) {
      return Simulate<Static<CounterState>>(argv[2]);
    }
    if (std::strcmp(program, "counter_joined") == 0) {
      return Simulate<Joined<CounterState>>(argv[2]);
    }
    if (std::strcmp(program, "store_buffering") == 0) {
      return Simulate<Static<StoreBufferingState>>(argv[2]);
    }
    if (std::strcmp(program, "store_buffering_joined") == 0) {
      return Simulate<Joined<StoreBufferingState>>(argv[2]);
    }
  }
  std::cerr << "usage: model_by_hand PROGRAM EXECUTIONS\n";
  return 2;
}
