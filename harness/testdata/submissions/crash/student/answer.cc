#include "answer.h"

static int* volatile nowhere = nullptr;

void Act() { *nowhere = 1; }
int Result() { return 0; }
