#include "ticket_office.h"

#include <condition_variable>
#include <mutex>

struct TicketOffice::State {
  std::mutex mutex;
  std::condition_variable more;
  int put_out = 0;  // guarded by mutex
  int next = 0;     // guarded by mutex; the number of whoever comes next
};

TicketOffice::TicketOffice() : state_(std::make_unique<State>()) {}
TicketOffice::~TicketOffice() = default;

void TicketOffice::PutOut(int count) {
  std::lock_guard<std::mutex> lock(state_->mutex);
  state_->put_out += count;
  for (int i = 0; i < count; ++i) state_->more.notify_one();
}

int TicketOffice::Take() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  const int mine = state_->next++;
  while (mine >= state_->put_out) state_->more.wait(lock);
  return mine;
}
