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
  HangOut(true);
  payer.balance -= amount;
  payee.balance += amount;
  HangOut(false);
  journal_.Book(from, to, amount);
  return true;
}

void Bank::HangOut(bool money_on_its_way) {
  std::lock_guard<std::mutex> guard(sign_lock_);
  money_on_its_way_ = money_on_its_way;
  all_arrived_.notify_all();
}

int Bank::Total() {
  // No transfer begins while we hold the sign.
  std::unique_lock<std::mutex> guard(sign_lock_);
  all_arrived_.wait(guard, [this] { return !money_on_its_way_; });
  int total = 0;
  for (const Account& account : accounts_) total += account.balance;
  return total;
}

}  // namespace bank
