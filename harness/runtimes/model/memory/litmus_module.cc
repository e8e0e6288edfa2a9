#include "runtimes/model/memory/litmus_module.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtimes/model/memory/axiomatic.h"

namespace racelab::model {
namespace {

using Kind = LitmusOp::Kind;

const char* CppOrder(Order order) {
  switch (order) {
    case Order::kRelaxed:
      return "std::memory_order_relaxed";
    case Order::kAcquire:
      return "std::memory_order_acquire";
    case Order::kRelease:
      return "std::memory_order_release";
    case Order::kAcqRel:
      return "std::memory_order_acq_rel";
    case Order::kSeqCst:
      break;
  }
  return "std::memory_order_seq_cst";
}

bool OnLocation(const LitmusOp& op) {
  return op.atomic() || op.kind == Kind::kPlainRead ||
         op.kind == Kind::kPlainWrite;
}

// How a location is declared and reached: std::atomic if it is never accessed
// plainly, else an int, through std::atomic_ref where that is called for.
class Writer {
 public:
  explicit Writer(const LitmusTest& test) : test_(test) {
    plain_.resize(test.locations.size());
    for (const auto& thread : test.threads) {
      for (const LitmusOp& op : thread) {
        if (OnLocation(op) && !op.atomic()) {
          plain_[static_cast<size_t>(op.location)] = true;
        }
      }
    }
  }

  std::string Write() const {
    const std::string name = ModuleTestName(test_);
    std::string text =
        absl::StrCat("// ", test_.because, "\nnamespace litmus_", name, " {\n");
    // How everything ended, as the outcomes' labels say it.
    std::vector<std::string> format, values;
    for (size_t l = 0; l < test_.locations.size(); ++l) {
      absl::StrAppend(&text, plain_[l] ? "int " : "std::atomic<int> ", "loc_",
                      test_.locations[l], "{", test_.initial[l], "};\n");
    }
    for (const std::string& mutex : test_.mutexes) {
      absl::StrAppend(&text, "std::mutex mutex_", mutex, ";\n");
    }
    for (const std::string& reg : test_.registers) {
      absl::StrAppend(&text, "int ", reg, " = 0;\n");
      format.push_back(reg + "=%d");
      values.push_back(reg);
    }
    for (size_t l = 0; l < test_.locations.size(); ++l) {
      format.push_back(test_.locations[l] + "=%d");
      values.push_back(
          absl::StrCat("loc_", test_.locations[l],
                       plain_[l] ? "" : ".load(std::memory_order_relaxed)"));
    }
    std::vector<std::string> threads;
    for (size_t t = 0; t < test_.threads.size(); ++t) {
      threads.push_back(absl::StrCat("T", t));
      absl::StrAppend(&text, "void T", t, "() {\n");
      for (const LitmusOp& op : test_.threads[t]) {
        absl::StrAppend(&text, "  ", Statement(op), "\n");
      }
      absl::StrAppend(&text, "}\n");
    }
    absl::StrAppend(&text, "const char* const outcomes[] = {");
    for (const LitmusOutcome& outcome : Enumerate(test_)) {
      absl::StrAppend(&text, "\n    \"",
                      outcome.race ? "a race" : Label(outcome), "\",");
    }
    absl::StrAppend(&text, "\n};\n}  // namespace\nCONCURRENT_TEST(Litmus, ",
                    name, ") {\n  using namespace litmus_", name,
                    ";\n  const int n = std::size(outcomes);\n"
                    "  ExpectEach(outcomes, n);\n  labkit::RunTogether(",
                    absl::StrJoin(threads, ", "),
                    ");\n  const int values[10] = {",
                    absl::StrJoin(values, ", "), "};\n  Ended(outcomes, n, \"",
                    absl::StrJoin(format, " "), "\", values);\n}\n\n");
    return text;
  }

 private:
  std::string Label(const LitmusOutcome& outcome) const {
    std::string label = ToString(test_, LitmusOutcomes{outcome});
    label.pop_back();
    return label;
  }
  std::string Statement(const LitmusOp& op) const {
    const auto reg = [&](int index) {
      return test_.registers[static_cast<size_t>(index)];
    };
    std::string place, atomic, text;
    if (OnLocation(op)) {
      const size_t l = static_cast<size_t>(op.location);
      place = absl::StrCat("loc_", test_.locations[l]);
      atomic =
          plain_[l] ? absl::StrCat("std::atomic_ref<int>(", place, ")") : place;
    }
    const std::string value = op.value_register >= 0 ? reg(op.value_register)
                                                     : absl::StrCat(op.value);
    const std::string order = CppOrder(op.order);
    if (op.condition_register >= 0) {
      text = absl::StrCat("if (", reg(op.condition_register),
                          " == ", op.condition_value, ") ");
    }
    switch (op.kind) {
      case Kind::kStore:
        return absl::StrCat(text, atomic, ".store(", value, ", ", order, ");");
      case Kind::kLoad:
        return absl::StrCat(text, reg(op.result), " = ", atomic, ".load(",
                            order, ");");
      case Kind::kAdd:
        return absl::StrCat(text, reg(op.result), " = ", atomic, ".fetch_add(",
                            value, ", ", order, ");");
      case Kind::kExchange:
        return absl::StrCat(text, reg(op.result), " = ", atomic, ".exchange(",
                            value, ", ", order, ");");
      case Kind::kCas:
        return absl::StrCat(text, "{ ", reg(op.result), " = ", op.expected,
                            "; ", atomic, ".compare_exchange_strong(",
                            reg(op.result), ", ", value, ", ", order, ", ",
                            CppOrder(op.failure_order), "); }");
      case Kind::kFence:
        return absl::StrCat(text, "std::atomic_thread_fence(", order, ");");
      case Kind::kPlainWrite:
        return absl::StrCat(text, place, " = ", value, ";");
      case Kind::kPlainRead:
        return absl::StrCat(text, reg(op.result), " = ", place, ";");
      case Kind::kLock:
      case Kind::kUnlock:
        return absl::StrCat(text, "mutex_",
                            test_.mutexes[static_cast<size_t>(op.location)],
                            op.kind == Kind::kLock ? ".lock();" : ".unlock();");
    }
    return text;
  }

  const LitmusTest& test_;
  std::vector<bool> plain_;
};

}  // namespace

std::string ModuleTestName(const LitmusTest& test) {
  std::string name = test.name;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

std::string ToModule(const std::vector<LitmusTest>& tests) {
  std::string text =
      "// Made from the litmus suite by litmus_to_module.\n\n"
      R"(#include <atomic>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <mutex>
#include <thread>

#include "labkit/labkit.h"

void ExpectEach(const char* const* outcomes, int n) {
  for (int i = 0; i < n; ++i) {
    racelab_expect_reachable(outcomes[i], __FILE__, __LINE__);
  }
}

void Ended(const char* const* outcomes, int n, const char* format,
           const int (&v)[10]) {
  char outcome[200];
  std::snprintf(outcome, sizeof(outcome), format, v[0], v[1], v[2], v[3], v[4],
                v[5], v[6], v[7], v[8], v[9]);
  for (int i = 0; i < n; ++i) {
    if (std::strcmp(outcomes[i], outcome) == 0) {
      racelab_reached(outcomes[i], __FILE__, __LINE__);
      return;
    }
  }
  ADD_FAILURE() << "not allowed: " << outcome;
}

)";
  for (const LitmusTest& test : tests) {
    absl::StrAppend(&text, Writer(test).Write());
  }
  return text;
}

}  // namespace racelab::model
