// A program that does one bad thing, named by its first argument, for the
// sandbox's tests. Exits with 0 where it got away with it.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

namespace {

[[noreturn]] void Spin() {
  volatile unsigned i = 0;
  for (;;) {
    i = i + 1;
  }
}

// Volatile, or the compiler finds that nobody reads it.
void Fill(volatile char* memory, size_t size) {
  for (size_t i = 0; i < size; i += 4096) memory[i] = 1;
}

[[noreturn]] void FillPrivate() {
  constexpr size_t kChunk = 4 << 20;
  for (;;) Fill(static_cast<char*>(malloc(kChunk)), kChunk);
}

[[noreturn]] void FillShared() {
  constexpr size_t kChunk = 4 << 20;
  for (;;) {
    void* memory = mmap(nullptr, kChunk, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) exit(2);
    Fill(static_cast<char*>(memory), kChunk);
  }
}

[[noreturn]] void FillFiles() {
  std::vector<char> chunk(1 << 20);
  for (int i = 0;; ++i) {
    const std::string name = "/tmp/file" + std::to_string(i);
    const int fd = open(name.c_str(), O_CREAT | O_WRONLY, 0600);
    if (fd < 0) exit(3);
    for (int j = 0; j < 16; ++j) {
      if (write(fd, chunk.data(), chunk.size()) < 0) exit(4);
    }
    close(fd);
  }
}

[[noreturn]] void ForkBomb() {
  for (;;) {
    if (fork() < 0) sched_yield();
  }
}

[[noreturn]] void PrintForEver() {
  const std::string line(4000, 'x');
  for (;;) puts(line.c_str());
}

// Two forks and setsid, so that nobody knows it, then holds the lock given as
// the argument for ever. The caller sees by the lock whether it lives.
int Daemon(const char* path) {
  int ready[2];
  if (pipe(ready) != 0) return 10;
  if (fork() == 0) {
    setsid();
    if (fork() == 0) {
      for (int number = 1; number < 32; ++number) signal(number, SIG_IGN);
      const int fd = open(path, O_RDWR | O_CREAT, 0666);
      if (fd < 0 || lockf(fd, F_LOCK, 0) != 0) _exit(1);
      (void)!write(ready[1], "x", 1);
      for (;;) pause();
    }
    _exit(0);
  }
  close(ready[1]);
  char byte;
  return read(ready[0], &byte, 1) == 1 ? 0 : 11;
}

int Connect() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return 20;
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(80);
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  return connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0
             ? 0
             : 21;
}

int Write(const char* path) {
  const int fd = open(path, O_WRONLY | O_CREAT, 0666);
  return fd >= 0 && write(fd, "x", 1) == 1 ? 0 : 30;
}

int Echo() {
  char buffer[256];
  std::string line;
  ssize_t got;
  while (line.find('\n') == std::string::npos &&
         (got = read(3, buffer, sizeof buffer)) > 0) {
    line.append(buffer, got);
  }
  return write(3, line.data(), line.size()) == ssize_t(line.size()) ? 0 : 40;
}

int Threads(int count) {
  std::vector<std::thread> threads;
  try {
    for (int i = 0; i < count; ++i) threads.emplace_back([] { sched_yield(); });
  } catch (const std::exception&) {
    for (auto& thread : threads) thread.detach();
    return 50;
  }
  for (auto& thread : threads) thread.join();
  return 0;
}

// Every call that must be refused, by its own way of failing.
int Calls() {
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != -1) return 60;
  if (syscall(SYS_unshare, CLONE_NEWUSER) != -1) return 61;
  if (syscall(SYS_memfd_create, "x", 0) != -1) return 62;
  if (syscall(SYS_bpf, 0, nullptr, 0) != -1 || errno != EPERM) return 63;
  if (personality(PER_LINUX32) != -1) return 64;
  if (personality(0xffffffff) == -1) return 65;
  if (personality(ADDR_NO_RANDOMIZE) == -1) return 66;
  if (syscall(SYS_keyctl, 0, 0) != -1 || errno != EPERM) return 67;
  if (syscall(SYS_userfaultfd, 0) != -1 || errno != EPERM) return 68;
  if (kill(1, SIGKILL) == 0 && kill(1, SIGSTOP) != 0) return 69;
  if (open("/proc/1/mem", O_RDWR) >= 0) return 70;
  if (open("/proc/1/fd/4", O_RDWR) >= 0) return 71;
  if (syscall(SYS_process_vm_readv, 1, nullptr, 0, nullptr, 0, 0) != -1 ||
      errno != EPERM) {
    return 72;
  }
  if (kill(0, SIGKILL) != -1 || errno != EPERM) return 73;
  if (kill(-1, SIGKILL) != -1 || errno != EPERM) return 74;
  return 0;
}

// Only the descriptors that we were given.
int Descriptors() {
  for (int fd = 3; fd < 1024; ++fd) {
    if (fcntl(fd, F_GETFD) != -1) return fd;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 99;
  const std::string deed = argv[1];
  const char* argument = argc > 2 ? argv[2] : "";
  if (deed == "exit") return atoi(argument);
  if (deed == "signal") return raise(atoi(argument));
  if (deed == "spin") Spin();
  if (deed == "wait") return pause();
  if (deed == "spin-deaf") {
    for (int number = 1; number < 32; ++number) signal(number, SIG_IGN);
    Spin();
  }
  if (deed == "fill-private") FillPrivate();
  if (deed == "fill-shared") FillShared();
  if (deed == "fill-files") FillFiles();
  if (deed == "fork") return fork() < 0 ? 5 : 0;
  if (deed == "fork-bomb") ForkBomb();
  if (deed == "print") PrintForEver();
  if (deed == "daemon") return Daemon(argument);
  if (deed == "connect") return Connect();
  if (deed == "write") return Write(argument);
  if (deed == "read") return open(argument, O_RDONLY) >= 0 ? 0 : 31;
  if (deed == "echo") return Echo();
  if (deed == "threads") return Threads(atoi(argument));
  if (deed == "calls") return Calls();
  if (deed == "descriptors") return Descriptors();
  if (deed == "uid") return getuid() == 0;
  if (deed == "environment") return environ[0] == nullptr ? 0 : 80;
  if (deed == "cat") {
    char buffer[256];
    ssize_t got;
    while ((got = read(0, buffer, sizeof buffer)) > 0) {
      (void)!write(1, buffer, got);
    }
    return 0;
  }
  return 98;
}
