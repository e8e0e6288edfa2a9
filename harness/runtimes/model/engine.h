// Relacy, seen from the rest of the model checker: its context, with its
// threads, vector clocks, parking and switching, for one number of threads.
//
// engine.cc is the only file that includes Relacy.

#ifndef RACELAB_RUNTIMES_MODEL_ENGINE_H_
#define RACELAB_RUNTIMES_MODEL_ENGINE_H_

#include "absl/status/statusor.h"
#include "runtimes/model/op.h"

namespace racelab::model {

class Engine {
 public:
  // An engine for at least that many threads, made once and kept. Unavailable:
  // the machine gives no memory or no threads.
  static absl::StatusOr<Engine*> ForThreads(int threads);

  virtual ~Engine() = default;
  virtual int capacity() const = 0;

  // Runs one execution: thread 0 calls RunProgram(). Returns when all threads
  // have ended, or somebody called Abandon.
  virtual void Iterate() = 0;

  // Within an execution, on a fiber:
  virtual void SwitchTo(ThreadId thread) = 0;  // another one
  // It will call RunThread(); what the current thread did happens before that.
  virtual ThreadId CreateThread() = 0;
  // The current thread has ended: others go on, or the execution ends.
  [[noreturn]] virtual void Leave() = 0;
  // Of a thread that does not run: where its registers lie (fiber.h).
  virtual const void* StackPointer(ThreadId thread) const = 0;
  [[noreturn]] virtual void Abandon() = 0;

  // Relacy's own atomic objects, for relacy_histories.h; in the name of the
  // current thread. An object remembers so many stores; slots number them.
  static constexpr unsigned kAtomicHistory = 3;
  // A new object with an initial value, in `*slot`; lives until ForgetAtomics.
  virtual void* NewAtomic(unsigned* slot) = 0;
  virtual void ForgetAtomics() = 0;
  // Which slot is read; `newest`: that of the last store. Orders that make no
  // sense for a load, or a store, count without that part.
  virtual unsigned AtomicLoad(void* object, Order order, bool newest) = 0;
  virtual unsigned AtomicStore(void* object, Order order) = 0;
  virtual unsigned AtomicRmw(void* object, Order order) = 0;
  virtual void AtomicFence(Order order) = 0;
};

// What a thread of the program runs; defined by bridge/threads.cc.
[[noreturn]] void RunProgram() noexcept;
[[noreturn]] void RunThread(ThreadId thread) noexcept;

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_ENGINE_H_
