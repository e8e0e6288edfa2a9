// engines: uses exit
#include "answer.h"

#include <stdlib.h>

void Act() { exit(0); }
int Result() { return 0; }
