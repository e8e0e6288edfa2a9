#include "ledger.h"

#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#include <new>

struct Ledger {
  pthread_mutex_t mutex;
  int balance[2];  // guarded by mutex
  int sum;         // never changes
};

namespace {

void Lock(Ledger* ledger) {
  if (pthread_mutex_lock(&ledger->mutex) != EOWNERDEAD) return;
  // Whichever of the two was written: the second account tells whether the
  // transfer has happened, and the first one follows.
  ledger->balance[0] = ledger->sum - ledger->balance[1];
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
  ledger->sum = first + second;
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
  // From an account to itself nothing is to be done; half of it could not be
  // told from half a transfer to the other one.
  if (enough && from != to) {
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
