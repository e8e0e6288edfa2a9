#include "bank.h"

#include <algorithm>

namespace bank {

Bank::Bank(int accounts, int opening_balance, Journal& journal)
    : accounts_(accounts), journal_(journal) {
  for (Account& account : accounts_) account.balance = opening_balance;
}

bool Bank::Transfer(int from, int to, int amount) {
  if (from == to) return false;
  Account& payer = accounts_[from];
  Account& payee = accounts_[to];
  std::lock_guard<std::mutex> low(accounts_[std::min(from, to)].lock);
  std::lock_guard<std::mutex> high(accounts_[std::max(from, to)].lock);
  if (payer.balance < amount) return false;
  payer.balance -= amount;
  payee.balance += amount;
  journal_.Book(from, to, amount);
  return true;
}

int Bank::Total() {
  // From account to account, never without a lock: nobody slips past.
  std::unique_lock<std::mutex> held;
  int total = 0;
  for (Account& account : accounts_) {
    std::unique_lock<std::mutex> next(account.lock);
    total += account.balance;
    held = std::move(next);
  }
  return total;
}

}  // namespace bank
