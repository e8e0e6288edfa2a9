// A small bank: accounts with a balance, transfers between them, and a journal
// in which every transfer is booked.
//
// Contract
//   - Any number of clerks (threads) may call any function at the same time.
//   - No money is made or lost: Total() is the same at every moment, also for
//     somebody who asks in the middle of a transfer. No balance is ever
//     negative.
//   - Every call comes to an end.
//   - A transfer is booked while both of its accounts are held, so that the
//     entries for an account stand in the order in which they happened.
//   - Transfers that have no account in common can be booked at the same time.
//     The journal is slow (it writes to a disk), and it can take several
//     entries at the same time.
//
// The public part stays as it is; the private part is yours.

#ifndef BANK_BANK_H_
#define BANK_BANK_H_

#include <mutex>
#include <vector>

namespace bank {

// Written by somebody else. May be called by several threads at the same time.
class Journal {
 public:
  virtual ~Journal() = default;
  virtual void Book(int from, int to, int amount) = 0;
};

class Bank {
 public:
  // Accounts are numbered from 0. `journal` outlives the bank.
  Bank(int accounts, int opening_balance, Journal& journal);

  // Moves `amount` (positive) and books it. False, and nothing moved or booked,
  // if `from` has less, or if both accounts are the same.
  bool Transfer(int from, int to, int amount);

  // The sum of all balances.
  int Total();

 private:
  struct Account {
    std::mutex lock;
    int balance = 0;  // guarded by lock
  };

  std::vector<Account> accounts_;
  Journal& journal_;
};

}  // namespace bank

#endif  // BANK_BANK_H_
