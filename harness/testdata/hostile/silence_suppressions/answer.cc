// static: __tsan_default_suppressions
#include "answer.h"

static int result = 0;

extern "C" const char* __tsan_default_suppressions() { return "race:*"; }
void Act() { result += 1; }
int Result() { return result; }
