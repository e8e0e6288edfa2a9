// A running total, shared by all threads.
//
// Contract: any number of threads may call any of these at the same time.

#ifndef @LAB@_LAB_H_
#define @LAB@_LAB_H_

namespace @LAB@ {

void Add(int amount);

// Everything that was added so far.
int Total();

}  // namespace @LAB@

#endif  // @LAB@_LAB_H_
