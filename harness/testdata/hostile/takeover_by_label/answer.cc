// static: defines std::thread::join
#include "answer.h"

static int result = 0;

// LLVM drops the \1, and so takes the name as it is.
void Join(unsigned long* thread) asm("\1_ZNSt6thread4joinEv");
void Join(unsigned long* thread) { *thread = 0; }
void Act() { result += 1; }
int Result() { return result; }
