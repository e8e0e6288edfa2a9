#include "ledger.h"

#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#include <atomic>
#include <new>

struct Ledger {
  pthread_mutex_t mutex;
  int balance[2];  // guarded by mutex

  // Guarded by mutex: what the balances were before the transfer that is under
  // way. `under_way` is atomic, with a fence in Begin(), only to keep the
  // writes in order: a process that is killed leaves behind what it has written
  // so far.
  int before[2];
  std::atomic<bool> under_way{false};
};

namespace {

// Release: the notes are written before the mark is. The fence: the compiler
// writes the balances after it.
void Begin(Ledger* ledger) {
  ledger->before[0] = ledger->balance[0];
  ledger->before[1] = ledger->balance[1];
  ledger->under_way.store(true, std::memory_order_release);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

// Release: both balances are written before the mark goes.
void End(Ledger* ledger) {
  ledger->under_way.store(false, std::memory_order_release);
}

void Lock(Ledger* ledger) {
  if (pthread_mutex_lock(&ledger->mutex) != EOWNERDEAD) return;
  // We hold the mutex, and its last owner has died.
  if (ledger->under_way.load(std::memory_order_acquire)) {
    ledger->balance[0] = ledger->before[0];
    ledger->balance[1] = ledger->before[1];
    End(ledger);
  }
  pthread_mutex_consistent(&ledger->mutex);
}

}  // namespace

Ledger* OpenLedger(int first, int second) {
  void* page = mmap(nullptr, sizeof(Ledger), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  auto* ledger = new (page) Ledger;
  ledger->balance[0] = first;
  ledger->balance[1] = second;
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
  const bool enough = ledger->balance[from] >= amount;
  if (enough) {
    Begin(ledger);
    ledger->balance[from] -= amount;
    AfterDebit();
    ledger->balance[to] += amount;
  }
  pthread_mutex_unlock(&ledger->mutex);
  return enough;
}

int Balance(Ledger* ledger, int account) {
  Lock(ledger);
  const int balance = ledger->balance[account];
  pthread_mutex_unlock(&ledger->mutex);
  return balance;
}

void CloseLedger(Ledger* ledger) {
  pthread_mutex_destroy(&ledger->mutex);
  munmap(ledger, sizeof(Ledger));
}
