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

  // Everybody takes the account with the lower number first, Total() included.
  // Whoever waits for an account therefore holds only lower ones, and no circle
  // of waiting can close.
  std::mutex& first = from < to ? payer.lock : payee.lock;
  std::mutex& second = from < to ? payee.lock : payer.lock;
  std::lock_guard<std::mutex> hold_first(first);
  std::lock_guard<std::mutex> hold_second(second);
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
  total_ = 0;
  for (Account& account : accounts_) {
    held.emplace_back(account.lock);
    total_ += account.balance;
  }
  return total_;
}

}  // namespace bank
