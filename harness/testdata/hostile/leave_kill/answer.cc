// engines: uses getppid
#include "answer.h"

#include <signal.h>
#include <unistd.h>

void Act() {
  kill(getppid(), SIGKILL);
  kill(0, SIGKILL);
}
int Result() { return 0; }
