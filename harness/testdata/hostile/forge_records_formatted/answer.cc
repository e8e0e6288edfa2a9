// static: uses dprintf
#include "answer.h"

#include <stdio.h>

void Act() {
  for (int fd = 3; fd < 1024; ++fd) {
    dprintf(fd, "{\"nonce\":\"%032d\",\"seq\":3,\"type\":\"result\"}\n", 0);
  }
}
int Result() { return 0; }
