#include "ticket_office.h"

#include <atomic>
#include <semaphore>

struct TicketOffice::State {
  std::counting_semaphore<> available{0};
  std::atomic<int> next{0};
};

TicketOffice::TicketOffice() : state_(std::make_unique<State>()) {}
TicketOffice::~TicketOffice() = default;

void TicketOffice::PutOut(int count) { state_->available.release(count); }

int TicketOffice::Take() {
  state_->available.acquire();
  // Relaxed: the number itself publishes nothing, and the increments are
  // atomic.
  return state_->next.fetch_add(1, std::memory_order_relaxed);
}
