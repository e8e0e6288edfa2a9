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
  {
    std::scoped_lock both(payer.lock, payee.lock);
    if (payer.balance < amount) return false;
    payer.balance -= amount;
    payee.balance += amount;
  }
  journal_.Book(from, to, amount);
  return true;
}

int Bank::Total() {
  std::vector<std::unique_lock<std::mutex>> held;
  int total = 0;
  for (Account& account : accounts_) {
    held.emplace_back(account.lock);
    total += account.balance;
  }
  return total;
}

}  // namespace bank
