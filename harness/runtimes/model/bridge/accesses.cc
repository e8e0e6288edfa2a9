#include "runtimes/model/bridge/accesses.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "runtimes/model/bridge/call_stack.h"
#include "runtimes/model/bridge/library_calls.h"
#include "runtimes/model/platform/sequential.h"

namespace racelab::model {
namespace {

// Can the bytes be read without harm?
bool Readable(uintptr_t address, size_t size) {
  if (Arena::Contains(address)) return address + size <= heap_arena.top();
  if (IsFiberStack(address)) return !IsStackGuard(address);
  return module_state.Contains(address);
}

}  // namespace

namespace {

// The place that circles are compared with, renewed at every power of two
// (Brent's way to find a cycle of unknown length).
struct Reference {
  uintptr_t pc = 0;
  uintptr_t address = 0;
  uint64_t state = 0;
  uint64_t changes = 0;
  uint64_t until = 0;  // accesses
  int compared = 0;
};
Reference reference;
constexpr int kComparisons = 16;

// Where a thread once made kMaxAccesses: the next time it takes fewer to tell.
uintptr_t endless_pc = 0;
constexpr uint64_t kKnownAccesses = 100'000;

// The members of a libstdc++ barrier that are not atomic are changed between
// the phases, when all whom it expects have arrived: only one thread more can
// be in the way, or fail to find a place in the phase for ever.
[[noreturn]] void FailTooManyArrive(uintptr_t pc, uintptr_t address) {
  Fail(verdict::FailureKind::kMisuse,
       "More arrive at a barrier in one phase than it expects.", pc, address);
}

[[noreturn]] void ReportNoSynchronization(uintptr_t pc) {
  endless_pc = pc;
  if (LibraryCallOf(pc).arrives) FailTooManyArrive(pc, 0);
  Fail(verdict::FailureKind::kLivelock,
       "A thread goes on and on without ever synchronizing with the others.",
       pc);
}

void WaitOutCircle(uintptr_t pc) {
  Execution& e = execution;
  const uint32_t self = uint32_t{1} << e.current;
  const uint64_t changes = e.changes;
  if (((e.runnable & ~self) | e.timed) != 0) {
    // Nothing wakes it but that nobody else can run.
    e.self().spin.Reset();
    e.spinning |= self;
    const PendingOp op{.kind = OpKind::kYield};
    Schedule(op);
    Executed(op);
    e.spinning &= ~self;
    if (e.changes != changes) return;
    if (((e.runnable & ~self & ~e.spinning) | e.timed) != 0) return;
  }
  ReportNoSynchronization(pc);
}

}  // namespace

void LookForCircle(uintptr_t address, uintptr_t pc) {
  Execution& e = execution;
  const uint64_t count = e.accesses;
  if (count >= kMaxAccesses || (pc == endless_pc && count >= kKnownAccesses)) {
    ReportNoSynchronization(pc);
  }
  Reference& r = reference;
  const bool renew = count == kFirstLook || count >= r.until;
  if (!renew &&
      (pc != r.pc || address != r.address || r.compared == kComparisons)) {
    return;
  }
  Bridge bridge;
  const uint64_t state = LocalState();
  const uint64_t changes = e.self().changes;
  if (renew) {
    r = {pc, address, state, changes, 2 * count, 0};
    return;
  }
  ++r.compared;
  if (state == 0 || state != r.state || changes != r.changes) return;
  WaitOutCircle(pc);
  r.until = 0;
}

void ReportStackOverflow(uintptr_t pc) {
  if (execution.self().asked_for_more_stack) {
    Unsupported(
        "A thread that asked for a larger stack needs more than 8 MiB; the "
        "model has no more.",
        "Let it need less, or let another engine judge this test.");
  }
  Fail(verdict::FailureKind::kCrash,
       "A thread overflows its stack: it calls itself too deeply, or has too "
       "large local variables.",
       pc);
}

void LogLastAccess(uintptr_t address, size_t size, bool is_write,
                   uintptr_t pc) {
  const EventLog* log = execution.log;
  if (log == nullptr) return;
  if (!log->events.empty()) {
    const Event& last = log->events.back();
    if (last.thread == execution.current &&
        address - last.object < std::max(last.size, 1u)) {
      return;
    }
  }
  LogPlainAccess(address, size, is_write, pc);
}

void ReportRace(const RaceInfo& race, bool is_write, uintptr_t pc) {
  const bool after_free =
      race.kind == RaceInfo::Kind::kUseAfterFree || race.is_free;
  if (after_free) {
    LogLastAccess(race.address, race.size, is_write, pc);
    Fail(verdict::FailureKind::kUseAfterFree,
         is_write ? "Memory is written after it was freed."
                  : "Memory is read after it was freed.",
         pc, race.address, race.size);
  }
  if (race_is_librarys != nullptr) {
    Bridge bridge;
    if (race_is_librarys(pc) && race_is_librarys(race.pc)) return;
  }
  if (LibraryCallOf(pc).arrives && LibraryCallOf(race.pc).arrives) {
    LogLastAccess(race.address, race.size, is_write, pc);
    FailTooManyArrive(pc, race.address);
  }
  LogLastAccess(race.address, race.size, is_write, pc);
  std::string message = "Two threads access the same memory, ";
  message += is_write && race.is_write ? "both write" : "one of them writes";
  message += ", and nothing orders the two accesses.";
  Fail(verdict::FailureKind::kDataRace, message, pc, race.address, race.size);
}

void CheckRead(uintptr_t address, size_t size, uintptr_t pc) {
  Execution& e = execution;
  if (!IsProgramMemory(address)) return;
  CheckScope(address, pc);
  RaceInfo race;
  if (e.shadow->OtherRead(address, size, pc, e.step, &race)) {
    ReportRace(race, false, pc);
  }
}

void CheckWrite(uintptr_t address, size_t size, uintptr_t pc) {
  Execution& e = execution;
  if (!IsProgramMemory(address)) return;
  CheckScope(address, pc);
  RaceInfo race;
  if (e.shadow->OtherWrite(address, size, pc, e.step, &race)) {
    ReportRace(race, true, pc);
  }
  FinishWrite(address, size);
}

namespace {

// False: nothing more is to be done.
bool NoteAccess(uintptr_t address, size_t size, bool is_write, uintptr_t pc) {
  Execution& e = execution;
  if (!e.active) return false;
  if (e.accesses >= kFirstLook) LookForCircle(address, pc);
  if (!IsProgramMemory(address)) return false;
  if (e.log != nullptr && e.accesses < kMaxLogged) {
    LogPlainAccess(address, size, is_write, pc);
  }
  return true;
}

}  // namespace

void NotePlainRead(uintptr_t address, size_t size, uintptr_t pc) {
  if (NoteAccess(address, size, false, pc)) ReadBriefly(address, size, pc);
}

void NotePlainWrite(uintptr_t address, size_t size, uintptr_t pc) {
  if (!InProgram()) NoteChangeOutside();
  if (NoteAccess(address, size, true, pc)) WriteBriefly(address, size, pc);
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
