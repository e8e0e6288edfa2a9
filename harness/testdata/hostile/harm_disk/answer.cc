// engines: uses open
#include "answer.h"

#include <fcntl.h>
#include <unistd.h>

static char block[1 << 20];

void Act() {
  for (char name[] = "/tmp/a";; ++name[5]) {
    const int fd = open(name, O_CREAT | O_WRONLY, 0600);
    while (write(fd, block, sizeof block) > 0) {
    }
  }
}
int Result() { return 0; }
