// The till: a process that adds up.

#ifndef TILL_H_
#define TILL_H_

#include <cstdint>
#include <vector>

// The running total after each of `amounts`, computed by a child process:
// {2, 3, 5} gives {2, 5, 10}.
//
// Contract:
//   - the child gets the amounts through a pipe and sends the totals back
//     through another one; it ends by itself when it sees the end of the first;
//   - any number of amounts, of any size;
//   - transfers may be short, and a signal may interrupt whatever waits: a
//     transfer, and the waiting for the child, too (EINTR);
//   - when the function returns, the child has ended and been waited for, and
//     no descriptor is left open;
//   - the caller may have other children: they are the caller's to wait for.
std::vector<int64_t> RunningTotals(const std::vector<int32_t>& amounts);

#endif  // TILL_H_
