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

  // Everybody takes the account with the lower number first, Total() included.
  // Whoever waits for an account therefore holds only lower ones, and no circle
  // of waiting can close.
  std::lock_guard<std::mutex> first(locks_[std::min(from % 8, to % 8)]);
  std::lock_guard<std::mutex> second(locks_[std::max(from % 8, to % 8)]);
  if (payer.balance < amount) return false;
  payer.balance -= amount;
  payee.balance += amount;
  journal_.Book(from, to, amount);
  return true;
}

int Bank::Total() {
  std::vector<std::unique_lock<std::mutex>> held;
  for (std::mutex& lock : locks_) held.emplace_back(lock);
  int total = 0;
  for (const Account& account : accounts_) total += account.balance;
  return total;
}

}  // namespace bank
