// The print queue of an office. Who wants something printed hands it in and
// goes back to work; threads of the queue print it.
//
// Contract
//   - Submit() does not wait for the printer: it returns while the job may not
//     even have begun, however many others there are. Nor does the job wait
//     until the queue is destroyed.
//   - As soon as Submit() has returned, the caller may change his pages or
//     throw them away. Printed is what he handed in.
//   - Every page of a job is printed once, in order, with the number of its
//     job.
//   - The destructor waits until everything is printed.
//   - One thread owns the queue: it makes it, submits, and destroys it.
//   - Queues have nothing to do with each other: none waits for another one's
//     printer.
//
// The public functions stay as they are; the private part is yours.

#ifndef OFFICE_PRINT_QUEUE_H_
#define OFFICE_PRINT_QUEUE_H_

#include <future>
#include <vector>

namespace office {

// May be called by several threads at the same time.
class Printer {
 public:
  virtual ~Printer() = default;
  virtual void Print(int job, int page) = 0;
};

class PrintQueue {
 public:
  // `printer` outlives the queue.
  explicit PrintQueue(Printer& printer) : printer_(printer) {}
  ~PrintQueue();

  // Hands in a job. Returns its number: 1, 2, 3, …
  int Submit(const std::vector<int>& pages);

 private:
  Printer& printer_;
  std::vector<std::future<void>> jobs_;
};

}  // namespace office

#endif  // OFFICE_PRINT_QUEUE_H_
