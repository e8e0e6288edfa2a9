// Visitors of a museum whose doors are processes.

#ifndef VISITORS_H_
#define VISITORS_H_

// The count; lies in memory that is shared with every process forked after
// OpenMuseum().
struct Visitors;

// Contract:
//   - Admit() counts a visitor, has the badge printed with PrintBadge(), once,
//     and returns its number. The numbers of all doors together are 1, 2, 3,
//     …, each of them once;
//   - Count() is the number of visitors admitted so far, by all processes;
//   - CloseMuseum() is called once, by the process that opened it, when all
//     doors have ended. Nothing is left behind: no mapping, no name, no file.
// Any number of processes, and of threads in them, may admit and ask for the
// count at the same time. They may be more than there are processors: whoever
// waits should sleep, or yield the processor to the one that he waits for.
Visitors* OpenMuseum();
long Admit(Visitors* visitors);
long Count(Visitors* visitors);
void CloseMuseum(Visitors* visitors);

// Prints a badge, which takes a moment. The museum's printer provides it.
void PrintBadge(long number);

#endif  // VISITORS_H_
