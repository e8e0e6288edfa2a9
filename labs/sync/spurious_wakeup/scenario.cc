#include <atomic>
#include <thread>

#include "labkit/labkit.h"
#include "ticket_office.h"

namespace {

// Two customers, two tickets, put out one after the other, and before them none
// at all.
CONCURRENT_TEST(TicketOffice, NobodyGetsATicketThatIsNotThere) {
  TicketOffice office;
  std::atomic<int> put_out{0};  // never less than what the office has had
  int tickets[2] = {-1, -1};
  auto customer = [&](int me) {
    tickets[me] = office.Take();
    // A read-modify-write, which never reads an old value: nothing need order
    // the numbers of a right office among themselves.
    EXPECT_LT(tickets[me], put_out.fetch_add(0))
        << "a customer has a ticket that was never put out";
  };
  std::thread ada(customer, 0);
  std::thread bob(customer, 1);
  for (int count : {0, 1, 1}) {
    put_out.fetch_add(count);
    office.PutOut(count);
  }
  ada.join();
  bob.join();
  EXPECT_EQ(tickets[0] + tickets[1], 1) << "the tickets are numbers 0 and 1";
}

// Two tickets for the one who waits and for one who comes: no third customer
// may find something left of them.
CONCURRENT_TEST(TicketOffice, TwoTicketsServeTwo) {
  TicketOffice office;
  std::atomic<int> put_out{0};
  auto customer = [&] {
    const int ticket = office.Take();
    EXPECT_LT(ticket, put_out.fetch_add(0))
        << "a customer has a ticket that was never put out";
  };
  std::thread ada(customer);
  put_out.fetch_add(2);
  office.PutOut(2);
  customer();
  std::thread bob(customer);
  put_out.fetch_add(1);
  office.PutOut(1);
  ada.join();
  bob.join();
}

// Three tickets at once: all customers must hear of it.
CONCURRENT_TEST(TicketOffice, EverybodyIsServed) {
  TicketOffice office;
  int tickets[3] = {-1, -1, -1};
  std::thread ada([&] { tickets[0] = office.Take(); });
  std::thread bob([&] { tickets[1] = office.Take(); });
  std::thread eve([&] { tickets[2] = office.Take(); });
  office.PutOut(3);
  ada.join();
  bob.join();
  eve.join();
  EXPECT_EQ(tickets[0] + tickets[1] + tickets[2], 3)
      << "the tickets are numbers 0, 1 and 2";
}

// Two clerks put out a ticket each: neither may undo what the other one does.
CONCURRENT_TEST(TicketOffice, TwoClerksPutOutTwoTickets) {
  TicketOffice office;
  labkit::RunTogether([&] { office.PutOut(1); }, [&] { office.PutOut(1); });
  EXPECT_EQ(office.Take(), 0);
  EXPECT_EQ(office.Take(), 1);
}

TEST(TicketOffice, TicketsAreNumberedInOrder) {
  TicketOffice other_office;
  other_office.PutOut(1);
  TicketOffice office;
  office.PutOut(2);
  EXPECT_EQ(office.Take(), 0);
  EXPECT_EQ(office.Take(), 1);
  office.PutOut(1);
  EXPECT_EQ(office.Take(), 2);
  EXPECT_EQ(other_office.Take(), 0) << "each office has a roll of its own";
}

// More tickets than fit into 16 bits, for a stadium.
TEST(TicketOffice, ARollMayBeLong) {
  constexpr int kTickets = 70'000;
  TicketOffice office;
  office.PutOut(kTickets);
  int in_order = 0;
  for (int i = 0; i < kTickets; ++i) in_order += office.Take() == i;
  EXPECT_EQ(in_order, kTickets);
}

}  // namespace
