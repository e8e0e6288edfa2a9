#include "bank.h"

namespace bank {

Bank::Bank(int accounts, int opening_balance, Journal& journal)
    : accounts_(accounts), journal_(journal) {
  for (Account& account : accounts_) account.balance = opening_balance;
}

bool Bank::Transfer(int from, int to, int amount) {
  if (from == to) return false;
  Account& payer = accounts_[from];
  Account& payee = accounts_[to];

  // An account is held by its sign, and both signs are hung out in one step.
  // Whoever waits for an account therefore holds none, and no circle of waiting
  // can close. The money moves under the one lock; only the journal is slow.
  std::unique_lock<std::mutex> lock(lock_);
  free_.wait(lock, [&] { return !payer.busy && !payee.busy; });
  if (payer.balance < amount) return false;
  payer.balance -= amount;
  payee.balance += amount;
  payer.busy = payee.busy = true;
  lock.unlock();
  journal_.Book(from, to, amount);
  lock.lock();
  payer.busy = payee.busy = false;
  free_.notify_all();
  return true;
}

int Bank::Total() {
  std::lock_guard<std::mutex> lock(lock_);
  int total = 0;
  for (const Account& account : accounts_) total += account.balance;
  return total;
}

}  // namespace bank
