// static: hides Act from the race detector
#include "answer.h"

static int result = 0;

__attribute__((disable_sanitizer_instrumentation)) void Act() { result += 1; }
int Result() { return result; }
