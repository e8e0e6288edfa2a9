#include "lab.h"

namespace @LAB@ {
namespace {

int total = 0;

}  // namespace

// TODO: keep the contract that lab.h states.

void Add(int amount) { total += amount; }

int Total() { return total; }

}  // namespace @LAB@
