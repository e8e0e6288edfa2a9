// clang-format off: what is wanted is told at the end of the line.
// One use of each capability a line, each of which must be reported where the
// lab allows none of them: "want:" and a part of the message.

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <future>
#include <latch>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <thread>

#include "absl/synchronization/mutex.h"

std::mutex m;
std::recursive_mutex rm;
std::timed_mutex tm;
std::shared_mutex sm;
std::once_flag once;
std::atomic<int> number;
std::atomic_flag flag;
std::atomic<double> real;
pthread_mutex_t pm = PTHREAD_MUTEX_INITIALIZER;
pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
pthread_cond_t pc = PTHREAD_COND_INITIALIZER;
int plain;

void Guard() {
  std::lock_guard<std::mutex> lock(m);  // want: uses std::mutex::lock (pthread_mutex_lock); this lab allows only: nothing
  ++plain;
}
void Both() {
  std::scoped_lock lock(m, rm);  // want: mutex::
}
bool Timed() {
  return tm.try_lock_for(std::chrono::seconds(1));  // want: std::timed_mutex
}
struct Twelve { int x, y, z; };
std::atomic<Twelve> twelve;
int SizeOfNoWord() {
  return twelve.load().x;  // want: std::atomic
}
void Abseil() {
  absl::Mutex mutex; absl::MutexLock lock(&mutex);  // want: uses absl::Mutex
  ++plain;
}
void Reader() {
  std::shared_lock lock(sm);  // want: std::shared_mutex
}
void Wait(std::condition_variable& cv, std::unique_lock<std::mutex>& lock) {
  cv.wait(lock, [] { return plain == 1; });  // want: std::condition_variable::wait
}
void Notify(std::condition_variable& cv) {
  cv.notify_one();  // want: std::condition_variable::notify_one
}
void Semaphore(std::counting_semaphore<3>& s) {
  s.acquire();  // want: std::counting_semaphore
}
void Increment() {
  number++;  // want: std::atomic
}
int Load() {
  return number.load(std::memory_order_acquire);  // want: std::atomic
}
bool Flag() {
  return flag.test_and_set();  // want: std::atomic_flag::test_and_set
}
void Fence() {
  std::atomic_thread_fence(std::memory_order_seq_cst);  // want: std::atomic_thread_fence
}
void Real() {
  real.store(1.0);  // want: std::atomic
}
int Builtin() {
  return __atomic_fetch_add(&plain, 1, __ATOMIC_RELAXED);  // want: an atomic operation
}
void Thread() {
  std::thread t([] { ++plain; });  // want: std::thread
  t.join();
}
int Future() {
  return std::async([] { return 1; }).get();  // want: std::async
}
void Promise(std::promise<int>& p) {
  p.set_value(1);  // want: std::promise::set_value
}
void Once() {
  std::call_once(once, [] { ++plain; });  // want: std::call_once
}
void Latch(std::latch& l) {
  l.arrive_and_wait();  // want: std::latch
}
void Barrier(std::barrier<>& b) {
  b.arrive_and_wait();  // want: std::barrier
}
void Sleep() {
  std::this_thread::sleep_for(std::chrono::milliseconds(1));  // want: std::this_thread::sleep_for
}
void CMutex() {
  pthread_mutex_lock(&pm);  // want: uses pthread_mutex_lock
}
void CRwlock() {
  pthread_rwlock_rdlock(&rw);  // want: uses pthread_rwlock_rdlock
}
void CCond() {
  pthread_cond_signal(&pc);  // want: uses pthread_cond_signal
}
void CSemaphore(sem_t* s) {
  sem_wait(s);  // want: uses sem_wait
}
int Fork() {
  return fork();  // want: uses fork
}
int Pipe(int* ends) {
  return pipe(ends);  // want: uses pipe
}
int Socket(int* ends) {
  return socketpair(AF_UNIX, SOCK_STREAM, 0, ends);  // want: uses socketpair
}
int Open() {
  return open("/etc/passwd", O_RDONLY);  // want: uses open
}
bool Stream() {
  std::ifstream in("/etc/passwd");  // want: std::basic_ifstream
  return in.good();
}
void* Map() {
  return mmap(nullptr, 4096, PROT_READ, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);  // want: uses mmap
}
int Shared() {
  return shm_open("/x", O_RDWR, 0);  // want: uses shm_open
}
void Signals() {
  raise(SIGTERM);  // want: uses raise
  sigqueue(1, SIGTERM, {});  // want: uses sigqueue; this lab allows only
}
template <typename Lock>
void Deep(Lock& lock) {
  lock.lock();  // want: mutex::lock
}
void ThroughATemplate() { Deep(m); }
