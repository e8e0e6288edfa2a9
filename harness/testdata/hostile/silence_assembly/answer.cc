// static: inline assembly
#include "answer.h"

static int result = 0;

void Act() { asm volatile("incl %0" : "+m"(result)); }
int Result() { return result; }
