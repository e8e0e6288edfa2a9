// static: __tsan_on_report
#include "answer.h"

static int result = 0;

extern "C" void __tsan_on_report(void*) {}
void Act() { result += 1; }
int Result() { return result; }
