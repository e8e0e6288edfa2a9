// engines: uses socket
#include "answer.h"

#include <sys/socket.h>
#include <unistd.h>

static int result = 0;

void Act() { result += socket(AF_INET, SOCK_STREAM, 0) >= 0; }
int Result() { return result; }
