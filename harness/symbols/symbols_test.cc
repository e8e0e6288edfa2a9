#include "symbols/symbols.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace racelab::symbols {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kFile[] = "student/bank.cc";

// What the fixture's callbacks saw.
struct Seen {
  uintptr_t address = 0;
  std::vector<uintptr_t> stack;
  std::vector<StackFrame> frames;
};
Seen seen;

__attribute__((noinline)) void Record(void* address) {
  seen = {};
  seen.address = reinterpret_cast<uintptr_t>(address);
  // Along rbp, as a runner does it.
  auto* frame = static_cast<uintptr_t*>(__builtin_frame_address(0));
  for (int i = 0; i < 12 && frame != nullptr; ++i) {
    auto* next = reinterpret_cast<uintptr_t*>(frame[0]);
    if (next <= frame) break;
    seen.stack.push_back(frame[1]);
    seen.frames.push_back({frame[1], reinterpret_cast<uintptr_t>(next)});
    frame = next;
  }
}

int MarkedLine(const std::string& mark) {
  std::ifstream stream(absl::StrCat(RACELAB_SYMBOLS_TESTDATA, "/", kFile));
  std::string line;
  for (int number = 1; std::getline(stream, line); ++number) {
    if (line.ends_with("// MARK " + mark)) return number;
  }
  return -1;
}

// By compiler: the fixture, loaded.
class ModuleTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    handle_ = dlopen(GetParam(), RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(handle_, nullptr) << dlerror();
    auto opened = Module::OfAddress(dlsym(handle_, "bank_run"),
                                    {.own_files = {"student/", "scenario.cc"},
                                     .source_root = RACELAB_SYMBOLS_TESTDATA});
    ASSERT_TRUE(opened.ok()) << opened.status();
    module_ = *std::move(opened);
  }

  template <typename F>
  F* Symbol(const char* name) {
    return reinterpret_cast<F*>(dlsym(handle_, name));
  }

  uintptr_t Address(const char* name) {
    return reinterpret_cast<uintptr_t>(
        Symbol<void*(const char*)>("bank_address")(name));
  }

  Variable Allocated(const char* how, size_t block, size_t offset,
                     size_t size) {
    Symbol<void(const char*, void (*)(void*))>("bank_allocate")(how, Record);
    return module_->Heap(seen.stack, block, offset, size);
  }

  // Runs the fixture; `look` sees each of its callbacks.
  void Run(std::function<void(const Seen&)> look) {
    static std::function<void(const Seen&)> looking;
    looking = std::move(look);
    Symbol<void(void (*)(void*))>("bank_run")([](void* address) {
      Record(address);
      looking(seen);
    });
  }

  void* handle_ = nullptr;
  std::unique_ptr<Module> module_;
};

TEST_P(ModuleTest, NamesGlobalsAsTheStudentWritesThem) {
  const std::pair<const char*, size_t> cases[] = {
      {"bank.accounts[1].balance", 8},
      {"bank.lock_", 4},
      {"bank.total", 4},
      {"bank.state", 1},
      {"bank.spare[1].id", 4},
      {"bank.open", 1},
      {"bank.old_lock", 4},
      {"bank.word", 4},
      {"bank.grid[1][2]", 4},
      {"counter", 4},
      {"list", 8},
      {"boss", 8},
      {"label", 8},
      {"hidden", 4},
      {"Till::sales", 8},
      {"calls", 4}};
  for (const auto& [name, size] : cases) {
    const auto variable = module_->Global(Address(name), size);
    ASSERT_TRUE(variable.has_value()) << name;
    EXPECT_EQ(variable->name, name);
  }
}

TEST_P(ModuleTest, SaysWhereAVariableComesFrom) {
  EXPECT_EQ(module_->Global(Address("counter"), 4)->origin, "global");
  EXPECT_EQ(module_->Global(Address("calls"), 4)->origin, "static in Calls()");
  const auto bank = module_->Global(Address("bank.open"), 1);
  EXPECT_EQ(bank->type, "Bank");
  EXPECT_EQ(bank->part_type, "bool");
  EXPECT_EQ(module_->Global(Address("bank.lock_"), 4)->part_type, "mutex");
  EXPECT_EQ(module_->Global(Address("bank.old_lock"), 1)->part_type,
            "pthread_mutex_t");
  EXPECT_EQ(bank->declared.file, kFile);
}

TEST_P(ModuleTest, KnowsHowTheBytesOfAVariableReadAsAValue) {
  const auto format = [&](const char* name, size_t size, uint64_t value) {
    return FormatValue(module_->Global(Address(name), size)->value, value);
  };
  EXPECT_EQ(format("counter", 4, 0xffffffff), "-1");
  EXPECT_EQ(format("bank.total", 4, 0xfffffffe), "-2");
  EXPECT_EQ(format("bank.state", 1, 7), "kClosed");
  EXPECT_EQ(format("bank.open", 1, 1), "true");
  EXPECT_EQ(format("boss", 8, 0), "nullptr");
  EXPECT_EQ(format("bank.word", 4, 0xffffffff), "4294967295");
}

TEST_P(ModuleTest, NamesThreadLocalsByTheirOffset) {
  const uintptr_t base = Address("before");
  const uintptr_t other = Address("mine.balance");
  // Where the block starts is known from one variable's offset in it.
  for (uintptr_t offset = 0; offset < 64; ++offset) {
    const auto variable = module_->ThreadLocal(offset, 4);
    if (!variable || variable->name != "before") continue;
    EXPECT_EQ(variable->origin, "thread_local");
    EXPECT_EQ(module_->ThreadLocal(offset + other - base, 8)->name,
              "mine.balance");
    return;
  }
  FAIL() << "no thread_local named before";
}

TEST_P(ModuleTest, NamesHeapObjectsByTypeAndAllocationSite) {
  const Variable plain = Allocated("new", 16, 8, 8);
  EXPECT_EQ(plain.name, "Account.balance");
  EXPECT_EQ(plain.path, ".balance");
  EXPECT_EQ(plain.origin, absl::StrCat("heap, 16 bytes from student/bank.cc:",
                                       MarkedLine("new"), " (new Account)"));
  EXPECT_EQ(Allocated("new[]", 48, 24, 8).name, "Account[1].balance");
  EXPECT_THAT(Allocated("new[]", 48, 24, 8).origin,
              HasSubstr("(new Account[])"));
  EXPECT_EQ(Allocated("make_unique", 16, 0, 4).name, "Account.id");
  EXPECT_EQ(Allocated("make_shared", 32, 16, 4).name, "Account.id");
  EXPECT_THAT(Allocated("make_shared", 32, 8, 4).name,
              HasSubstr("(reference count)"));
  EXPECT_EQ(Allocated("vector", 64, 40, 8).name, "Account[2].balance");
  EXPECT_THAT(Allocated("map", 56, 48, 8).name, HasSubstr(".second.balance"));
}

TEST_P(ModuleTest, NamesWhatAPointerLeadsTo) {
  const auto through = [&](const char* name, size_t at, size_t offset,
                           size_t size, size_t block) -> std::string {
    const auto handle = module_->Global(Address(name) - 8 * at, 8);
    if (!handle) return "no such variable";
    const auto target = module_->Pointee(*handle, offset, size, block);
    return target ? target->name : "";
  };
  EXPECT_EQ(through("boss", 0, 8, 8, 16), "boss->balance");
  EXPECT_EQ(through("raw", 0, 0, 4, 16), "raw->id");
  EXPECT_EQ(through("raw", 0, 24, 8, 48), "raw[1].balance");
  EXPECT_EQ(through("total", 0, 0, 4, 4), "*total");
  EXPECT_EQ(through("shared", 0, 8, 8, 16), "shared->balance");
  // "list" is the address of the vector's second word.
  EXPECT_EQ(through("list", 1, 24, 8, 64), "list[1].balance");
  EXPECT_EQ(through("list", 0, 24, 8, 64), "");  // its end
  EXPECT_EQ(through("label", 0, 3, 1, 30), "label");
  // Too small a block to be one of these, and no pointer at all.
  EXPECT_EQ(through("boss", 0, 0, 4, 8), "");
  EXPECT_EQ(through("bank.accounts[1].balance", 0, 0, 4, 16), "");
  const auto handle = module_->Global(Address("boss"), 8);
  const auto target = module_->Pointee(*handle, 8, 8, 16);
  EXPECT_EQ(target->path, ".balance");
  EXPECT_EQ(FormatValue(target->value, 7), "7");
}

TEST_P(ModuleTest, FoldsFramesToTheStudentsLines) {
  int calls = 0;
  Run([&](const Seen& now) {
    const auto frames = module_->OwnFrames(now.stack);
    ASSERT_FALSE(frames.empty());
    EXPECT_EQ(frames[0].file, kFile);
    switch (calls++) {
      case 0:
        ASSERT_THAT(frames, SizeIs(2));
        EXPECT_EQ(frames[0].line, MarkedLine("inlined"));
        EXPECT_EQ(frames[0].function, "Deposit");
        EXPECT_EQ(frames[1].line, MarkedLine("deposit"));
        EXPECT_EQ(frames[1].function, "bank_run");
        break;
      case 1:
        EXPECT_EQ(frames[0].line, MarkedLine("lambda"));
        EXPECT_EQ(frames[0].function, "lambda in bank_run");
        break;
      case 2:
        EXPECT_EQ(frames[0].line, MarkedLine("member"));
        EXPECT_EQ(frames[0].function, "Bank::Close");
        break;
      case 3:
        ASSERT_THAT(frames, SizeIs(2));
        EXPECT_EQ(frames[0].line, MarkedLine("tail"));
        EXPECT_EQ(frames[0].function, "Tail");
        EXPECT_EQ(frames[1].line, MarkedLine("calls tail"));
        break;
    }
  });
  EXPECT_EQ(calls, 4);
}

TEST_P(ModuleTest, KnowsTheFunctionAroundAnInstruction) {
  int calls = 0;
  Run([&](const Seen& now) {
    if (calls++ != 2) return;
    uintptr_t pc = 0;  // the innermost in the module
    for (const uintptr_t address : now.stack) {
      pc = address - 1;
      if (module_->Contains(pc)) break;
    }
    const auto function = module_->FunctionAt(pc);
    ASSERT_TRUE(function.has_value());
    EXPECT_EQ(function->declared.function, "Bank::Close");
    EXPECT_EQ(function->declared.file, kFile);
    EXPECT_EQ(function->declared.line, MarkedLine("member") - 1);
    EXPECT_LE(function->begin, pc);
    EXPECT_GT(function->end, pc);
  });
  EXPECT_EQ(calls, 4);
  int local = 0;
  EXPECT_FALSE(
      module_->FunctionAt(reinterpret_cast<uintptr_t>(&local)).has_value());
}

TEST_P(ModuleTest, NamesLocalsOnAStack) {
  int calls = 0;
  Run([&](const Seen& now) {
    const size_t size = calls == 1 ? 4 : 8;
    const auto local = module_->Local(now.address, size, now.frames);
    if (calls == 1) {
      ASSERT_TRUE(local.has_value());
      EXPECT_EQ(local->name, "unused[2]");
      EXPECT_EQ(local->origin, "local of bank_run()");
    } else if (calls == 3) {
      ASSERT_TRUE(local.has_value());
      EXPECT_EQ(local->name, "local.balance");
    }
    ++calls;
  });
}

TEST_P(ModuleTest, TellsTheMemberThatALineOfItsClassNames) {
  int calls = 0;
  Run([&](const Seen& now) {
    const auto member = module_->MemberAccessed(now.stack, 1);
    if (calls++ == 2) {
      ASSERT_TRUE(member.has_value());
      EXPECT_EQ(member->name, "Bank::open");
      EXPECT_EQ(FormatValue(member->value, 1), "true");
      // No member of this size is named there.
      EXPECT_FALSE(module_->MemberAccessed(now.stack, 4).has_value());
    } else {
      EXPECT_FALSE(member.has_value());
    }
  });
  EXPECT_EQ(calls, 4);
}

TEST_P(ModuleTest, KnowsNothingOfAddressesElsewhere) {
  int local = 0;
  const auto elsewhere = reinterpret_cast<uintptr_t>(&local);
  EXPECT_FALSE(module_->Contains(elsewhere));
  EXPECT_THAT(module_->Frames(elsewhere), IsEmpty());
  EXPECT_FALSE(module_->Global(elsewhere, 4).has_value());
  EXPECT_FALSE(module_->Local(elsewhere, 4, {}).has_value());
  EXPECT_FALSE(module_->ThreadLocal(1 << 20, 4).has_value());
  EXPECT_EQ(module_->Heap({}, 24, 8, 8).name, "heap block of 24 bytes + 8");
}

// Every question on files whose bytes were changed, over all debug sections.
TEST_P(ModuleTest, SurvivesDamagedDebugInformation) {
  Symbol<void(const char*, void (*)(void*))>("bank_allocate")("map", Record);
  const std::vector<uintptr_t> stack = seen.stack;
  Dl_info info;
  ASSERT_NE(dladdr(dlsym(handle_, "bank_run"), &info), 0);
  const auto bias = reinterpret_cast<uintptr_t>(info.dli_fbase);
  std::ifstream stream(GetParam(), std::ios::binary);
  const std::string original((std::istreambuf_iterator<char>(stream)), {});
  const std::string path =
      absl::StrCat(testing::TempDir(), "/damaged", getpid(), ".so");
  std::mt19937 random(1);
  for (int round = 0; round < 60; ++round) {
    std::string damaged = original;
    const int changes = 1 << (round % 12);
    for (int i = 0; i < changes; ++i) {
      // Behind the headers that say which file this is at all.
      const size_t at = 64 + random() % (damaged.size() - 64);
      damaged[at] = static_cast<char>(random());
    }
    std::ofstream(path, std::ios::binary) << damaged;
    const auto module = Module::Open(path, bias);
    if (!module.ok()) continue;
    (void)(*module)->OwnFrames(stack);
    (void)(*module)->Heap(stack, 56, 48, 8);
    (void)(*module)->Global(Address("bank.total"), 4);
    (void)(*module)->Global(Address("bank.spare[1].id"), 4);
    (void)(*module)->ThreadLocal(0, 4);
    (void)(*module)->Local(Address("counter"), 4, seen.frames);
  }
  // Cut off.
  for (size_t length = 0; length < original.size();
       length += original.size() / 40) {
    std::ofstream(path, std::ios::binary) << original.substr(0, length);
    const auto module = Module::Open(path, bias);
    if (!module.ok()) continue;
    (void)(*module)->OwnFrames(stack);
    (void)(*module)->Global(Address("bank.total"), 4);
  }
  std::filesystem::remove(path);
}

INSTANTIATE_TEST_SUITE_P(Compilers, ModuleTest,
                         testing::Values(RACELAB_SYMBOLS_MODULES),
                         [](const auto& info) {
                           return absl::EndsWith(info.param, "_gcc.so")
                                      ? "Gcc"
                                      : "Clang";
                         });

TEST(Module, RefusesWhatIsNoElfFile) {
  EXPECT_EQ(Module::Open("/nonexistent.so", 0).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Module::Open(absl::StrCat(RACELAB_SYMBOLS_TESTDATA, "/", kFile), 0)
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(FormatValue, ReadsBytesByTheirType) {
  using Kind = ValueType::Kind;
  const auto format = [](Kind kind, uint32_t size, uint64_t lo) {
    return FormatValue({.kind = kind, .size = size, .enumerators = {}}, lo);
  };
  EXPECT_EQ(format(Kind::kSigned, 1, 0xff), "-1");
  EXPECT_EQ(format(Kind::kUnsigned, 2, 0x1ffff), "65535");
  EXPECT_EQ(format(Kind::kChar, 1, 'a'), "'a'");
  EXPECT_EQ(format(Kind::kChar, 1, 27), "'\\x1b'");
  EXPECT_EQ(format(Kind::kBool, 1, 2), "2");
  EXPECT_EQ(format(Kind::kFloat, 8, 0x3ff8000000000000), "1.5");
  EXPECT_EQ(format(Kind::kPointer, 8, 0x10), "0x10");
  EXPECT_EQ(FormatValue({}, 1, 2), "0x20000000000000001");
}

TEST(SourceText, StaysBelowItsRoot) {
  const std::string root = RACELAB_SYMBOLS_TESTDATA;
  EXPECT_EQ(SourceText(root, kFile, MarkedLine("tail")),
            "callback(&account->balance);  // MARK tail");
  EXPECT_EQ(SourceText(root, kFile, 0), "");
  EXPECT_EQ(SourceText(root, kFile, 100000), "");
  EXPECT_EQ(SourceText(root + "/student", "../student/bank.cc", 1), "");
  EXPECT_EQ(SourceText(root, "/etc/passwd", 1), "");
  EXPECT_EQ(SourceText(root, "student", 1), "");
  EXPECT_EQ(SourceText("", kFile, 1), "");
  const std::filesystem::path link = std::filesystem::path(testing::TempDir()) /
                                     absl::StrCat("link", getpid());
  std::filesystem::create_symlink("/etc/passwd", link);
  EXPECT_EQ(SourceText(testing::TempDir(), link.filename(), 1), "");
  std::filesystem::remove(link);
}

}  // namespace
}  // namespace racelab::symbols
