// Numbered tickets from a roll.

#ifndef TICKET_OFFICE_H_
#define TICKET_OFFICE_H_

#include <memory>

// Contract:
//   - PutOut(n) makes n more tickets available; n may be 0;
//   - Take() returns the number of the next ticket: 0, 1, 2, … in the order in
//     which they are taken. While there is none it waits;
//   - never have more tickets been taken than were put out, and nobody waits
//     for ever while there is a ticket.
// Any thread may call anything at any time.
class TicketOffice {
 public:
  TicketOffice();
  ~TicketOffice();
  TicketOffice(const TicketOffice&) = delete;
  TicketOffice& operator=(const TicketOffice&) = delete;

  void PutOut(int count);
  int Take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

#endif  // TICKET_OFFICE_H_
