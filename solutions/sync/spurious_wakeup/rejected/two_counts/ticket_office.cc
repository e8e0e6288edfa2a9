#include "ticket_office.h"

#include <atomic>
#include <condition_variable>
#include <mutex>

struct TicketOffice::State {
  std::mutex mutex;
  std::condition_variable more;
  std::atomic<int> put_out{0};
  int left = 0;  // guarded by mutex
};

TicketOffice::TicketOffice() : state_(std::make_unique<State>()) {}
TicketOffice::~TicketOffice() = default;

void TicketOffice::PutOut(int count) {
  state_->put_out += count;  // atomic, so it needs no lock
  std::lock_guard<std::mutex> lock(state_->mutex);
  state_->left += count;
  state_->more.notify_all();
}

int TicketOffice::Take() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  while (state_->left == 0) state_->more.wait(lock);
  return state_->put_out - state_->left--;
}
