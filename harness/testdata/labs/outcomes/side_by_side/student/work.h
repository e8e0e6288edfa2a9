#ifndef WORK_H_
#define WORK_H_

#include <functional>

// Does the job.
void Work(const std::function<void()>& job);

#endif  // WORK_H_
