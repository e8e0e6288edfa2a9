// clang-format off: what is wanted is told at the end of the line.
// Code that hides from what judges it, or takes over the runner. Each line that
// must be reported says so: "want:" and a part of the message.

#include <dlfcn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

int shared = 0;

__attribute__((no_sanitize("thread"))) int Quiet() {  // want instrumented: hides Quiet
  return ++shared;
}
__attribute__((disable_sanitizer_instrumentation)) int Mute() {  // want instrumented: hides Mute
  return ++shared;
}
__attribute__((no_sanitize_thread)) int Old() { return ++shared; }  // want instrumented: hides Old
#pragma clang attribute push(__attribute__((no_sanitize("thread"))), apply_to = function)
int Pragma() { return ++shared; }  // want instrumented: hides Pragma
#pragma clang attribute pop

// The names of what compilers leave without instrumentation do not help.
__attribute__((no_sanitize("thread"), nodebug)) int Fake() asm("_ZTW4fake");
int Fake() { return ++shared; }

void Assembly() {
  asm volatile("lock; incl %0" : "+m"(shared));  // want: inline assembly
}
int Segment() {
  return *(int __attribute__((address_space(256)))*)16;  // want: segment register
}

void Leave() {
  exit(0);         // want: uses exit: it ends the program
}
void LeaveFast() {
  quick_exit(0);   // want: uses quick_exit
}
void Raw() {
  syscall(SYS_exit_group, 0);  // want: uses syscall
}
int Borrow() {
  return vfork();  // want: uses vfork: its child runs in the memory of its parent
}
void* Look() {
  return dlsym(nullptr, "x");  // want: uses dlsym
}
void Surroundings() {
  setenv("TSAN_OPTIONS", "report_bugs=0", 1);  // want: uses setenv
}
int Semaphores() {
  return semget(1, 1, 0);  // want: uses semget: the sandbox has no System V semaphores: use sem_t
}
int Queue() {
  return msgget(1, 0);  // want: uses msgget: the sandbox has no System V message queues: use a pipe
}
void Unprotect(void* p) {
  mprotect(p, 4096, 7);  // want: uses mprotect
}

extern "C" {
void AnnotateIgnoreReadsBegin(const char*, int);
void __tsan_ignore_thread_begin(void);
void __tsan_acquire(void*);
void __tsan_mutex_create(void*, unsigned);
int racelab_engine(void);
void __libc_freeres(void);

// Definitions of what is not theirs.
const char* __tsan_default_options() {  // want: defines __tsan_default_options
  return "report_bugs=0";
}
void __tsan_read4(void*) {  // want: defines __tsan_read4
}
ssize_t write(int, const void*, size_t) {  // want: defines write
  return 0;
}
__attribute__((visibility("hidden"))) int getpagesize() noexcept {  // want: defines getpagesize
  return 0;
}
}

void Annotations() {
  AnnotateIgnoreReadsBegin("x", 1);  // want: uses AnnotateIgnoreReadsBegin
  __tsan_ignore_thread_begin();      // want: uses __tsan_ignore_thread_begin
  __tsan_acquire(&shared);           // want: uses __tsan_acquire
  __tsan_mutex_create(&shared, 0);   // want: uses __tsan_mutex_create
}
int AskTheHarness() {
  return racelab_engine();  // want: uses racelab_engine
}
void Internal() {
  __libc_freeres();  // want: uses __libc_freeres
}
namespace testing {
extern int flags;
}
int Meddle() {
  return testing::flags;  // want: uses testing::flags
}
namespace rl {
extern int context;
}
int MeddleWithTheModel() {
  return rl::context;  // want: uses rl::context
}
void (*through_a_table[])(int) = {_exit};

struct Wide {
  long words[3];
};
Wide Tear(Wide* wide) {
  Wide copy;
  __atomic_load(wide, &copy, __ATOMIC_SEQ_CST);  // want: an atomic of more than 16
  return copy;
}

namespace testing {
void Hijack() { ++shared; }  // want: defines testing::Hijack
}
void operator delete(void*) noexcept {}  // want: defines operator delete
void operator delete(void*, unsigned long) noexcept {}  // want: defines operator delete

__attribute__((constructor(101))) void Early() { puts("early"); }
__attribute__((destructor)) void Late() { ++shared; }

// A name that the assembler is told to take as it is.
extern "C" void Quit(int) asm("\1_exit");
void LeaveByLabel() {
  Quit(0);  // want: uses _exit
}
extern "C" void QuitOld(int) asm("exit@GLIBC_2.2.5");
void LeaveByVersion() {
  QuitOld(0);  // want: it ends the program
}
void Join(void*) asm("\1_ZNSt6thread6detachEv");
void Join(void*) { ++shared; }  // want: defines std::thread::detach

// Inline functions are linked like those that templates make.
__attribute__((used)) inline void std::thread::join() {  // want: defines std::thread::join
  _M_id = id();
}
template <>
bool std::operator==(const std::vector<int>&, const std::vector<int>&) {  // want: defines std::operator==
  return true;
}

// Sizes and copies that -fsanitize=thread leaves alone.
long double precise = 0;
typedef int Eight __attribute__((vector_size(32)));
Eight* wide = nullptr;
void AddPrecisely(long double more) {
  precise += more;  // want instrumented: 10 bytes at once
}
void AddWidely(Eight more) {
  *wide += more;  // want instrumented: 32 bytes at once
}
__attribute__((noinline)) void Copy(char* to, char* from) {
  __builtin_va_copy(*(va_list*)to, *(va_list*)from);  // want instrumented: copies memory
}
void Swap(const char* from, char* to) {
  swab(from, to, 4);  // want: uses swab: no engine sees
}

static int (*Resolve())(int) { return [](int n) { return n; }; }
extern "C" int chosen(int) __attribute__((ifunc("_ZL7Resolvev")));
int Choose() { return chosen(1); }

asm(".globl elsewhere\nelsewhere: ret\n");

// want everywhere: ifunc
// want everywhere: contains assembly
// want everywhere: has Early run before
// want everywhere: has Late run before
// want everywhere: uses _exit
// want instrumented: hides fake
