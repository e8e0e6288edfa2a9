#ifndef OFFICE_PRINT_QUEUE_H_
#define OFFICE_PRINT_QUEUE_H_

#include <thread>
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
  ~PrintQueue() = default;

  // Hands in a job. Returns its number: 1, 2, 3, …
  int Submit(const std::vector<int>& pages);

 private:
  Printer& printer_;
  int jobs_ = 0;
  std::vector<std::jthread> workers_;
};

}  // namespace office

#endif  // OFFICE_PRINT_QUEUE_H_
