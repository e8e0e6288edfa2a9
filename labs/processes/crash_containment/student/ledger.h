// Two accounts in memory that several processes share.

#ifndef LEDGER_H_
#define LEDGER_H_

struct Ledger;

// Contract:
//   - Transfer() takes `amount` from account `from`, calls AfterDebit() once,
//     and adds it to account `to`. It returns false and changes nothing if
//     there is not enough (then it need not call AfterDebit());
//   - `from` and `to` may be the same account: then a transfer changes nothing
//     (and need not call AfterDebit() either);
//   - a process may be killed at any moment, within AfterDebit() or Balance(),
//     too. Then the other processes go on, also those that were waiting for it,
//     and the transfer that it was doing has happened entirely or not at all:
//     the sum of both accounts never changes. What was done before stays done;
//   - Balance() never shows a transfer that is half done;
//   - CloseLedger() is called once, by the process that opened it, and leaves
//     nothing behind.
// Any number of processes, forked after OpenLedger(), may use it together. A
// bank may open several ledgers, which have nothing to do with each other.
// Balances are from 0 to 1,000,000.
Ledger* OpenLedger(int first, int second);
bool Transfer(Ledger* ledger, int from, int to, int amount);
int Balance(Ledger* ledger, int account);
void CloseLedger(Ledger* ledger);

// Provided by the bank: writes the debit into its journal on paper. This is
// where counters have crashed.
void AfterDebit();

#endif  // LEDGER_H_
