#include "work.h"

void Work(const std::function<void()>& job) { job(); }
