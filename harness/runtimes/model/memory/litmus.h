// Litmus tests: small concurrent programs with the outcomes that the memory
// model must and must not show. Testing only.
//
// A file holds one test or more; '#' starts a comment.
//
//   litmus MP+rel+acq
//   because the acquire load that sees the flag synchronizes with its store
//   init x=0 y=0                        # 0 is the default
//   thread
//     store x 1 rlx
//     store y 1 rel
//   thread
//     r0 = load y acq
//     if r0==1: r1 = load x rlx
//   allowed   r0=1 r1=1
//   forbidden r0=1 r1=0
//
// Operations:
//   store LOC VALUE ORDER               VALUE: a number or a register
//   REG = load LOC ORDER
//   REG = add LOC NUMBER ORDER          fetch_add
//   REG = exchange LOC VALUE ORDER
//   REG = cas LOC EXPECTED VALUE ORDER ORDER    the orders on success and on
//                                       failure; REG gets the value read
//   fence ORDER
//   write LOC VALUE, REG = read LOC     not atomic
//   lock MUTEX, unlock MUTEX
// Each may be conditional: "if REG==NUMBER:". Orders: rlx acq rel acq_rel sc.
//
// An outcome names registers and locations (their last value in modification
// order) of executions without a race. `allowed`: some execution ends so.
// `forbidden`: none does. `race`: some execution has a data race; without that
// line none may.

#ifndef RACELAB_RUNTIMES_MODEL_MEMORY_LITMUS_H_
#define RACELAB_RUNTIMES_MODEL_MEMORY_LITMUS_H_

#include <compare>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtimes/model/op.h"

namespace racelab::model {

struct LitmusOp {
  enum class Kind {
    kStore,
    kLoad,
    kAdd,
    kExchange,
    kCas,
    kFence,
    kPlainWrite,
    kPlainRead,
    kLock,
    kUnlock,
  };
  Kind kind = Kind::kFence;
  int location = -1;        // or mutex
  int result = -1;          // register, or -1
  int value = 0;            // stored, added
  int value_register = -1;  // or the register that holds it
  int expected = 0;         // of a compare-exchange
  Order order = Order::kSeqCst;
  Order failure_order = Order::kSeqCst;
  int condition_register = -1;  // executed only if it holds …
  int condition_value = 0;      // … this

  bool reads() const {
    return kind == Kind::kLoad || kind == Kind::kAdd ||
           kind == Kind::kExchange || kind == Kind::kCas ||
           kind == Kind::kPlainRead;
  }
  bool atomic() const {
    return kind == Kind::kStore || kind == Kind::kLoad || kind == Kind::kAdd ||
           kind == Kind::kExchange || kind == Kind::kCas;
  }
};

// Values of some registers and locations.
struct LitmusCondition {
  struct Term {
    bool is_register = false;
    int index = 0;
    int value = 0;
  };
  std::vector<Term> terms;
  std::string text;
};

// How an execution ended: a race, or everything's last value.
struct LitmusOutcome {
  bool race = false;
  std::vector<int> registers;
  std::vector<int> locations;
  auto operator<=>(const LitmusOutcome&) const = default;
};
using LitmusOutcomes = std::set<LitmusOutcome>;

struct LitmusTest {
  std::string name;
  std::string because;
  std::string file;
  int line = 0;
  std::vector<std::string> locations;
  std::vector<int> initial;  // by location
  std::vector<std::string> registers;
  std::vector<std::string> mutexes;
  std::vector<std::vector<LitmusOp>> threads;
  std::vector<LitmusCondition> allowed;
  std::vector<LitmusCondition> forbidden;
  bool race = false;
};

// Errors name file and line.
absl::StatusOr<std::vector<LitmusTest>> ParseLitmus(absl::string_view text,
                                                    absl::string_view file);
// All *.litmus files of a directory, sorted by name.
absl::StatusOr<std::vector<LitmusTest>> ReadLitmusDirectory(
    const std::string& directory);

bool Matches(const LitmusCondition& condition, const LitmusOutcome& outcome);
// What is wrong with these outcomes, a line each; empty: nothing.
std::string Judge(const LitmusTest& test, const LitmusOutcomes& outcomes);
// "r0=1 r1=0 x=1", a line each.
std::string ToString(const LitmusTest& test, const LitmusOutcomes& outcomes);
// The test in the format above.
std::string ToString(const LitmusTest& test);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_MEMORY_LITMUS_H_
