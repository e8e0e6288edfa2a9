#include "bank.h"

namespace bank {

Bank::Bank(int accounts, int opening_balance, Journal& journal)
    : accounts_(accounts), journal_(journal) {
  for (Account& account : accounts_) account.balance = opening_balance;
}

void Bank::BeginTransfer() {
  std::unique_lock<std::mutex> guard(lock_);
  changed_.wait(guard, [this] { return !auditing_; });
  ++transfers_;
}

void Bank::EndTransfer() {
  std::lock_guard<std::mutex> guard(lock_);
  --transfers_;
  changed_.notify_all();
}

bool Bank::Transfer(int from, int to, int amount) {
  if (from == to) return false;
  Account& payer = accounts_[from];
  Account& payee = accounts_[to];

  // Everybody takes the account with the lower number first, so no circle of
  // waiting can close.
  std::mutex& first = from < to ? payer.lock : payee.lock;
  std::mutex& second = from < to ? payee.lock : payer.lock;
  BeginTransfer();
  bool enough = false;
  {
    std::lock_guard<std::mutex> hold_first(first);
    std::lock_guard<std::mutex> hold_second(second);
    enough = payer.balance >= amount;
    if (enough) {
      payer.balance -= amount;
      payee.balance += amount;
      journal_.Book(from, to, amount);
    }
  }
  EndTransfer();
  return enough;
}

int Bank::Total() {
  std::unique_lock<std::mutex> guard(lock_);
  auditing_ = true;  // nobody begins any more
  changed_.wait(guard, [this] { return transfers_ == 0; });
  guard.unlock();
  int total = 0;
  for (const Account& account : accounts_) total += account.balance;
  guard.lock();
  auditing_ = false;
  changed_.notify_all();
  return total;
}

}  // namespace bank
