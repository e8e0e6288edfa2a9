// What `racelab replay --gdb` has gdb do: stop wherever the replayed execution
// takes a step, with the frame selected that the student or the scenario wrote.
//
// To be followed by a `run`. The runner calls racelab_step(number, thread) on
// the stack of the thread that takes the step, so that gdb's own backtrace is
// that thread's.

#ifndef RACELAB_ENGINES_GDB_SCRIPT_H_
#define RACELAB_ENGINES_GDB_SCRIPT_H_

namespace racelab::engines {

inline constexpr char kGdbScript[] = R"gdb(
set confirm off
set breakpoint pending on
set style enabled off
handle SIGVTALRM nostop noprint pass
python
import gdb
import os

def name_of(frame):
    """As the trace has it: student/counter.cc, scenario.cc; else None."""
    place = frame.find_sal().symtab
    # Where the harness lies may be called so, too: only relative names count.
    name = os.path.normpath(place.filename) if place else ""
    if name == "scenario.cc" or name.startswith("student/"):
        return name
    return None

def show_step(event):
    frame = gdb.newest_frame()
    # Debug information of gcc names the namespace, too.
    if (frame.name() or "").split("::")[-1] != "racelab_step":
        return
    # Its arguments, where it begins.
    number = int(frame.read_register("rdi"))
    thread = int(frame.read_register("rsi")) & 0xffffffff
    while frame is not None and name_of(frame) is None:
        frame = frame.older()
    where = "in a library"
    if frame is not None:
        frame.select()
        where = "at %s:%d" % (name_of(frame), frame.find_sal().line)
    who = "main" if thread == 0 else "T%d" % thread
    print("racelab: step %d: %s %s" % (number, who, where))

gdb.events.stop.connect(show_step)
end
break *racelab_step
commands
silent
end
echo Each `continue` goes on to the next step; `bt` shows the stack of its thread.\n
)gdb";

}  // namespace racelab::engines

#endif  // RACELAB_ENGINES_GDB_SCRIPT_H_
