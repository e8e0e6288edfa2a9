// The calls that a lab module makes to the runner that loaded it. Scenario
// authors use the macros of labkit.h instead.
//
// C linkage, because the module and the runner may come from different
// compilers. Every runner defines all of them (runtimes/common/hooks.cc) and
// exports them; a module leaves them undefined. Strings are literals of the
// module: they live as long as it stays loaded.
//
// Thread safety: racelab_declare_concurrent is called by static initializers,
// while the module is being loaded. The others may be called by any thread of
// the scenario. None of them orders anything: they add no happens-before edge
// that could hide a race of the student's.

#ifndef RACELAB_LABKIT_HOOKS_H_
#define RACELAB_LABKIT_HOOKS_H_

extern "C" {

// CONCURRENT_TEST exists: its names, where it stands, and its body. Returns 1,
// so that a static initializer has something to keep.
int racelab_declare_concurrent(const char* suite, const char* name,
                               const char* file, int line, void (*body)());

// The GoogleTest body of a CONCURRENT_TEST: the runner calls `body` as often as
// its engine needs and returns when it has seen enough.
void racelab_run_concurrent(const char* suite, const char* name,
                            const char* file, int line, void (*body)());

// Which engine is running: a labkit::EngineId.
int racelab_engine(void);

// REACHED and EXPECT_REACHABLE.
void racelab_reached(const char* label, const char* file, int line);
void racelab_expect_reachable(const char* label, const char* file, int line);

}  // extern "C"

#endif  // RACELAB_LABKIT_HOOKS_H_
