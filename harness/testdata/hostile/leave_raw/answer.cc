// engines: uses syscall
#include "answer.h"

#include <sys/syscall.h>
#include <unistd.h>

void Act() { syscall(SYS_exit_group, 0); }
int Result() { return 0; }
