#include "bank.h"

namespace bank {

Bank::Bank(int accounts, int opening_balance, Journal& journal)
    : balances_(accounts, opening_balance), journal_(journal) {}

bool Bank::Transfer(int from, int to, int amount) {
  std::lock_guard<std::mutex> guard(lock_);
  if (from == to || balances_[from] < amount) return false;
  balances_[from] -= amount;
  balances_[to] += amount;
  journal_.Book(from, to, amount);
  return true;
}

int Bank::Total() {
  std::lock_guard<std::mutex> guard(lock_);
  int total = 0;
  for (int balance : balances_) total += balance;
  return total;
}

}  // namespace bank
