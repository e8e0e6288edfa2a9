#include "ticket_office.h"

#include <mutex>
#include <semaphore>

struct TicketOffice::State {
  std::mutex mutex;
  std::counting_semaphore<> some{0};  // 1 while there are tickets
  int put_out = 0;                    // guarded by mutex
  int taken = 0;                      // guarded by mutex
};

TicketOffice::TicketOffice() : state_(std::make_unique<State>()) {}
TicketOffice::~TicketOffice() = default;

void TicketOffice::PutOut(int count) {
  std::lock_guard<std::mutex> lock(state_->mutex);
  if (state_->taken == state_->put_out) state_->some.release();
  state_->put_out += count;
}

int TicketOffice::Take() {
  state_->some.acquire();
  std::lock_guard<std::mutex> lock(state_->mutex);
  const int ticket = state_->taken++;
  if (state_->taken != state_->put_out) state_->some.release();  // the next one
  return ticket;
}
