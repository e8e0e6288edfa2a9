#include "answer.h"

#include <unistd.h>

static int result = 0;

void Act() {
  fork();
  result += 1;
}
int Result() { return result; }
