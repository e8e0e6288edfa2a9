// What a scenario calls, for a program that is compiled and linked by hand:
// each concurrent test runs once, as a plain GoogleTest.

#include "labkit/hooks.h"
#include "labkit/labkit.h"

extern "C" {
int racelab_declare_concurrent(const char*, const char*, const char*, int,
                               void (*)()) {
  return 0;
}
void racelab_run_concurrent(const char*, const char*, const char*, int,
                            void (*body)()) {
  body();
}
int racelab_engine(void) { return static_cast<int>(labkit::EngineId::kTsan); }
void racelab_reached(const char*, const char*, int) {}
void racelab_expect_reachable(const char*, const char*, int) {}
}
