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

  // TODO: now and then, on a busy day, the whole bank stands still.
  std::lock_guard<std::mutex> hold_payer(payer.lock);
  std::lock_guard<std::mutex> hold_payee(payee.lock);
  if (payer.balance < amount) return false;
  payer.balance -= amount;
  payee.balance += amount;
  journal_.Book(from, to, amount);
  return true;
}

int Bank::Total() {
  // All accounts at once: otherwise we might count money before it leaves one
  // account and again after it has arrived at another.
  std::vector<std::unique_lock<std::mutex>> held;
  held.reserve(accounts_.size());
  int total = 0;
  for (Account& account : accounts_) {
    held.emplace_back(account.lock);
    total += account.balance;
  }
  return total;
}

}  // namespace bank
