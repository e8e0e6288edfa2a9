#include "ledger.h"

#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#include <atomic>
#include <new>

struct Ledger {
  pthread_mutex_t mutex;
  int page[2][2];  // guarded by mutex
  std::atomic<int> open_page{0};
};

namespace {

void Lock(Ledger* ledger) {
  if (pthread_mutex_lock(&ledger->mutex) != EOWNERDEAD) return;
  // The open page is always in order.
  pthread_mutex_consistent(&ledger->mutex);
}

}  // namespace

Ledger* OpenLedger(int first, int second) {
  void* page = mmap(nullptr, sizeof(Ledger), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  auto* ledger = new (page) Ledger;
  ledger->page[0][0] = first;
  ledger->page[0][1] = second;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&ledger->mutex, &attributes);
  pthread_mutexattr_destroy(&attributes);
  return ledger;
}

bool Transfer(Ledger* ledger, int from, int to, int amount) {
  Lock(ledger);
  const int now = ledger->open_page.load(std::memory_order_relaxed);
  const int(&old)[2] = ledger->page[now];
  int(&next)[2] = ledger->page[1 - now];
  const bool enough = old[from] >= amount;
  if (enough) {
    next[0] = old[0];
    next[1] = old[1];
    next[from] -= amount;
    AfterDebit();
    next[to] += amount;
    ledger->open_page.store(1 - now, std::memory_order_release);
  }
  pthread_mutex_unlock(&ledger->mutex);
  return enough;
}

int Balance(Ledger* ledger, int account) {
  Lock(ledger);
  const int balance = ledger->page[ledger->open_page.load()][account];
  pthread_mutex_unlock(&ledger->mutex);
  return balance;
}

void CloseLedger(Ledger* ledger) {
  pthread_mutex_destroy(&ledger->mutex);
  munmap(ledger, sizeof(Ledger));
}
