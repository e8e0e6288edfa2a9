// Where request handlers wait until the station is ready.

#ifndef STARTUP_GATE_H_
#define STARTUP_GATE_H_

#include <memory>

// Contract:
//   - WaitUntilOpen() returns only after Open() has been called, and then it
//     does return: for handlers that came before and for those that come later;
//   - what a thread did before Open(), a handler sees after WaitUntilOpen();
//   - Open() is called once. Any number of threads may wait.
// A station may have several gates; each opens by itself. A gate outlives those
// who use it.
class StartupGate {
 public:
  StartupGate();
  ~StartupGate();
  StartupGate(const StartupGate&) = delete;
  StartupGate& operator=(const StartupGate&) = delete;

  void Open();
  void WaitUntilOpen();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

#endif  // STARTUP_GATE_H_
