#include "runtimes/model/bridge/accesses.h"

#include <cstring>
#include <string>

namespace racelab::model {
namespace {

// Can the bytes be read without harm?
bool Readable(uintptr_t address, size_t size) {
  if (Arena::Contains(address)) return address + size <= heap_arena.top();
  if (IsFiberStack(address)) return !IsStackGuard(address);
  return module_state.Contains(address);
}

}  // namespace

void ReportNoSynchronization(uintptr_t pc) {
  Fail(verdict::FailureKind::kLivelock,
       "A thread goes on and on without ever synchronizing with the others.",
       pc);
}

void ReportStackOverflow(uintptr_t pc) {
  Fail(verdict::FailureKind::kCrash,
       "A thread overflows its stack: it calls itself too deeply, or has too "
       "large local variables.",
       pc);
}

void ReportRace(const RaceInfo& race, bool is_write, uintptr_t pc) {
  const bool after_free =
      race.kind == RaceInfo::Kind::kUseAfterFree || race.is_free;
  if (after_free) {
    Fail(verdict::FailureKind::kUseAfterFree,
         is_write ? "Memory is written after it was freed."
                  : "Memory is read after it was freed.",
         pc, race.address, race.size);
  }
  if (race_is_librarys != nullptr) {
    Bridge bridge;
    if (race_is_librarys(pc) && race_is_librarys(race.pc)) return;
  }
  if (execution.log != nullptr && execution.accesses >= kMaxLogged) {
    LogPlainAccess(race.address, race.size, is_write, pc);
  }
  std::string message = "Two threads access the same memory, ";
  message += is_write && race.is_write ? "both write" : "one of them writes";
  message += ", and nothing orders the two accesses.";
  Fail(verdict::FailureKind::kDataRace, message, pc, race.address, race.size);
}

void LogPlainAccess(uintptr_t address, size_t size, bool is_write,
                    uintptr_t pc) {
  Bridge bridge;
  Event* event =
      LogEvent(is_write ? EventKind::kPlainWrite : EventKind::kPlainRead,
               address, static_cast<uint32_t>(size), pc);
  if (event == nullptr || !Readable(address, size)) return;
  // A write has not been carried out yet: LogEvent fills in its value when the
  // thread's next event comes.
  std::memcpy(&event->value, reinterpret_cast<const void*>(address),
              size < sizeof(Value) ? size : sizeof(Value));
  if (is_write) {
    event->old_value = event->value;
    execution.unfinished_write = execution.log->events.size();
  }
}

void FinishLoggedWrite() {
  Event& event = execution.log->events[execution.unfinished_write - 1];
  execution.unfinished_write = 0;
  if (!Readable(event.object, event.size)) return;
  event.value = Value{};
  std::memcpy(&event.value, reinterpret_cast<const void*>(event.object),
              event.size < sizeof(Value) ? event.size : sizeof(Value));
}

}  // namespace racelab::model
