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

  // One lock only, so there is no circle. Nobody minds getting money.
  std::lock_guard<std::mutex> hold_payer(payer.lock);
  if (payer.balance < amount) return false;
  payer.balance -= amount;
  journal_.Book(from, to, amount);
  payee.balance += amount;
  return true;
}

int Bank::Total() {
  // With all locks held nobody pays, and no money is on its way.
  std::vector<std::unique_lock<std::mutex>> held;
  held.reserve(accounts_.size());
  for (Account& account : accounts_) held.emplace_back(account.lock);
  int total = 0;
  for (const Account& account : accounts_) total += account.balance;
  return total;
}

}  // namespace bank
