// engines: uses fork
#include "answer.h"

#include <unistd.h>

void Act() {
  if (fork() == 0) {
    setsid();
    if (fork() == 0) {
      for (;;) pause();
    }
  }
}
int Result() { return 0; }
