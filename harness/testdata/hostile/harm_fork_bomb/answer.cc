// engines: uses fork
#include "answer.h"

#include <unistd.h>

void Act() {
  for (;;) fork();
}
int Result() { return 0; }
