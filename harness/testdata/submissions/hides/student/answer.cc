#include "answer.h"

static int result = 0;

__attribute__((no_sanitize("thread"))) void Act() { result += 1; }
int Result() { return result; }
