// What symbols_test asks about: one of each kind of variable, allocation and
// frame. Line numbers matter to the test; "MARK" comments name them.

#include <pthread.h>

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "../allocation.h"

struct Account {
  int id;
  long balance;
};
enum class State : unsigned char { kOpen, kClosed = 7 };

class Bank {
 public:
  Account accounts[3];
  std::mutex lock_;
  std::atomic<int> total{0};
  std::atomic<State> state{State::kOpen};
  std::array<Account, 2> spare;
  bool open = false;
  pthread_mutex_t old_lock = PTHREAD_MUTEX_INITIALIZER;
  union {
    unsigned low : 4;
    unsigned word;
  };
  int grid[2][3];

  __attribute__((noinline)) void Close(void (*callback)(void*)) {
    callback(&open);  // MARK member
    asm volatile("");
  }
};

Bank bank;
int counter;
std::vector<Account> list;
std::unique_ptr<Account> boss;
Account* raw = nullptr;
Account* several = nullptr;
std::string label;
std::unique_ptr<int> total;
std::shared_ptr<Account> shared;
thread_local int before = 2;
thread_local Account mine{1, 2};
namespace {
int hidden = 1;
}
namespace shop {
struct Till {
  static inline long sales = 3;
};
}  // namespace shop

int* Calls() {
  static int calls = 1;
  return &calls;
}

// Addresses that the test asks about, by name.
extern "C" void* bank_address(const char* name) {
  const std::string what = name;
  if (what == "bank.accounts[1].balance") return &bank.accounts[1].balance;
  if (what == "bank.lock_") return reinterpret_cast<char*>(&bank.lock_) + 8;
  if (what == "bank.total") return &bank.total;
  if (what == "bank.state") return &bank.state;
  if (what == "bank.spare[1].id") return &bank.spare[1].id;
  if (what == "bank.open") return &bank.open;
  if (what == "bank.old_lock") return &bank.old_lock;
  if (what == "bank.word") return &bank.word;
  if (what == "bank.grid[1][2]") return &bank.grid[1][2];
  if (what == "counter") return &counter;
  if (what == "list") return reinterpret_cast<char*>(&list) + 8;
  if (what == "boss") return &boss;
  if (what == "raw") return &raw;
  if (what == "total") return &total;
  if (what == "shared") return &shared;
  if (what == "label") return &label;
  if (what == "hidden") return &hidden;
  if (what == "Till::sales") return &shop::Till::sales;
  if (what == "calls") return Calls();
  if (what == "mine.balance") return &mine.balance;
  if (what == "before") return &before;
  return nullptr;
}

extern "C" void bank_allocate(const char* name, Callback callback) {
  const std::string what = name;
  on_allocation = callback;
  if (what == "new") {
    delete raw;
    raw = new Account{1, 2};  // MARK new
  } else if (what == "new[]") {
    delete[] several;
    several = new Account[3];  // MARK new[]
  } else if (what == "make_unique") {
    boss = std::make_unique<Account>();  // MARK make_unique
  } else if (what == "make_shared") {
    std::make_shared<Account>();  // MARK make_shared
  } else if (what == "vector") {
    list.reserve(4);  // MARK vector
  } else if (what == "map") {
    std::map<int, Account> by_id;
    by_id[3] = {3, 4};  // MARK map
  }
  on_allocation = nullptr;
}

inline __attribute__((always_inline)) void Deposit(Callback callback, int i) {
  bank.accounts[i].balance += 1;
  callback(&bank.accounts[i].balance);  // MARK inlined
}

__attribute__((noinline)) void Tail(Callback callback, Account* account) {
  callback(&account->balance);  // MARK tail
  asm volatile("");
}

extern "C" void bank_run(Callback callback) {
  int unused[4] = {};
  Account local{1, 2};
  Deposit(callback, 1);  // MARK deposit
  const auto step = [&] {
    callback(&unused[2]);  // MARK lambda
    asm volatile("");
  };
  step();
  bank.Close(callback);
  Tail(callback, &local);  // MARK calls tail
  asm volatile("");
}
