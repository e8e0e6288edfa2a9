// static: hides Act from the race detector
#include "answer.h"

static int result = 0;

#pragma clang attribute push(__attribute__((no_sanitize("thread"))), \
                             apply_to = function)
void Act() { result += 1; }
#pragma clang attribute pop
int Result() { return result; }
