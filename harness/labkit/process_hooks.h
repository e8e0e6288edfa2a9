// The calls that a process lab's module makes to runner.process; the other
// runners do nothing for them. Scenario authors use labkit/process.h instead. C
// linkage, as in labkit/hooks.h.
//
// Thread safety: call from any thread; what is set holds for this process and
// for those that it forks later.

#ifndef RACELAB_LABKIT_PROCESS_HOOKS_H_
#define RACELAB_LABKIT_PROCESS_HOOKS_H_

extern "C" {

// From now on read, write, recv and send of the module move at most `max_bytes`
// bytes a call (0: as many as asked for), and every `interrupt_every`-th call
// of them fails with EINTR before it has moved anything (0: never).
void racelab_limit_io(int max_bytes, int interrupt_every);

// The `nth` time (from 1) that this process reaches the kill point `name`, it
// is killed with SIGKILL. Null: no point is armed.
void racelab_arm_kill(const char* name, int nth);
void racelab_kill_point(const char* name);

}  // extern "C"

#endif  // RACELAB_LABKIT_PROCESS_HOOKS_H_
