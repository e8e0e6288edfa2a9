#include "ledger.h"

#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <new>

struct Ledger {
  // Both balances in one word: a transfer is one step, and cannot be half done.
  std::atomic<uint64_t> balances;
  static_assert(std::atomic<uint64_t>::is_always_lock_free);
};

namespace {

uint64_t Pack(const int (&balance)[2]) {
  return static_cast<uint64_t>(balance[0]) * 1'000'000 +
         static_cast<uint64_t>(balance[1]);
}

}  // namespace

Ledger* OpenLedger(int first, int second) {
  void* page = mmap(nullptr, sizeof(Ledger), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  auto* ledger = new (page) Ledger;
  ledger->balances.store(Pack({first, second}));
  return ledger;
}

bool Transfer(Ledger* ledger, int from, int to, int amount) {
  uint64_t seen = ledger->balances.load();
  bool told = false;
  for (;;) {
    int balance[2] = {static_cast<int>(seen / 1'000'000),
                      static_cast<int>(seen % 1'000'000)};
    if (balance[from] < amount) return false;
    balance[from] -= amount;
    // Who dies here has changed nothing yet.
    if (!told) AfterDebit();
    told = true;
    balance[to] += amount;
    if (ledger->balances.compare_exchange_weak(seen, Pack(balance)))
      return true;
  }
}

int Balance(Ledger* ledger, int account) {
  const uint64_t seen = ledger->balances.load();
  return static_cast<int>(account == 0 ? seen / 1'000'000 : seen % 1'000'000);
}

void CloseLedger(Ledger* ledger) { munmap(ledger, sizeof(Ledger)); }
