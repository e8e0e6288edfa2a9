#include "ticket_office.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

struct TicketOffice::State {
  std::mutex mutex;
  std::condition_variable more;
  int put_out = 0;  // guarded by mutex
  int taken = 0;    // guarded by mutex
};

TicketOffice::TicketOffice() : state_(std::make_unique<State>()) {}
TicketOffice::~TicketOffice() = default;

void TicketOffice::PutOut(int count) {
  std::lock_guard<std::mutex> lock(state_->mutex);
  state_->put_out += count;
  state_->more.notify_all();
}

int TicketOffice::Take() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  state_->more.wait_for(lock, std::chrono::seconds(1),
                        [this] { return state_->taken != state_->put_out; });
  return state_->taken++;
}
