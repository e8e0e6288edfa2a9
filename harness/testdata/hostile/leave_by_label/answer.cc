// engines: uses _exit
#include "answer.h"

extern "C" void Quit(int) asm("\1_exit");

void Act() { Quit(0); }
int Result() { return 0; }
