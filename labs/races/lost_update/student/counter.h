// The museum's visitor counter. One for the whole building, shared by all
// doors.
//
// Contract
//   - Every door is a thread of its own. Any number of them may call Admit() at
//     the same time: no visitor is lost and none is counted twice.
//   - The guard at the desk, and any door, may call VisitorsToday() at any
//     time, also while people are coming in. Nobody ever sees half a group.

#ifndef MUSEUM_COUNTER_H_
#define MUSEUM_COUNTER_H_

namespace museum {

// A group of `people` has come through a door.
void Admit(int people);

// Everybody who has been admitted so far.
int VisitorsToday();

}  // namespace museum

#endif  // MUSEUM_COUNTER_H_
