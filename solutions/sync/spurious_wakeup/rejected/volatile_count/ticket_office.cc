#include "ticket_office.h"

#include <mutex>
#include <thread>

struct TicketOffice::State {
  std::mutex mutex;
  volatile int put_out = 0;
  volatile int taken = 0;
};

TicketOffice::TicketOffice() : state_(std::make_unique<State>()) {}
TicketOffice::~TicketOffice() = default;

void TicketOffice::PutOut(int count) {
  std::lock_guard<std::mutex> lock(state_->mutex);
  state_->put_out = state_->put_out + count;
}

int TicketOffice::Take() {
  while (state_->taken == state_->put_out) std::this_thread::yield();
  std::lock_guard<std::mutex> lock(state_->mutex);
  const int ticket = state_->taken;
  state_->taken = ticket + 1;
  return ticket;
}
