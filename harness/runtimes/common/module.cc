#include "runtimes/common/module.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <link.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtimes/common/declared.h"

namespace racelab::runtimes {
namespace {

// Of the module that was loaded last; 0: none was.
std::atomic<uintptr_t> loaded_begin{0};
std::atomic<uintptr_t> loaded_end{0};

struct Layout {
  uintptr_t bias = 0;
  MemoryRange extent{UINTPTR_MAX, 0};
  std::vector<MemoryRange> writable;
  MemoryRange read_only_later;
  size_t tls_module_id = 0;
  size_t tls_size = 0;
};

struct Search {
  uintptr_t base = 0;  // link_map::l_addr
  const char* path = nullptr;
  Layout layout;
  bool found = false;
};

int Visit(dl_phdr_info* info, size_t, void* data) {
  auto& search = *static_cast<Search*>(data);
  if (info->dlpi_addr != search.base ||
      std::strcmp(info->dlpi_name, search.path) != 0) {
    return 0;
  }
  Layout& layout = search.layout;
  layout.bias = info->dlpi_addr;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    const uintptr_t begin = info->dlpi_addr + header.p_vaddr;
    const MemoryRange range{begin, begin + header.p_memsz};
    if (header.p_type == PT_LOAD) {
      layout.extent.begin = std::min(layout.extent.begin, range.begin);
      layout.extent.end = std::max(layout.extent.end, range.end);
      if (header.p_flags & PF_W) layout.writable.push_back(range);
    } else if (header.p_type == PT_GNU_RELRO) {
      layout.read_only_later = range;
    } else if (header.p_type == PT_TLS) {
      layout.tls_module_id = info->dlpi_tls_modid;
      layout.tls_size = header.p_memsz;
    }
  }
  search.found = true;
  return 1;
}

// What of `ranges` lies outside `hole`, which the linker protected by whole
// pages.
std::vector<MemoryRange> Without(const std::vector<MemoryRange>& ranges,
                                 MemoryRange hole) {
  constexpr uintptr_t kPage = 4096;
  hole.end = hole.end & ~(kPage - 1);
  if (hole.end <= hole.begin) return ranges;
  std::vector<MemoryRange> rest;
  for (const MemoryRange& range : ranges) {
    const MemoryRange before{range.begin, std::min(range.end, hole.begin)};
    const MemoryRange after{std::max(range.begin, hole.end), range.end};
    if (before.begin < before.end) rest.push_back(before);
    if (after.begin < after.end) rest.push_back(after);
  }
  return rest;
}

std::vector<TestInfo> ListTests() {
  const std::vector<TestInfo>& concurrent = DeclaredConcurrentTests();
  std::vector<TestInfo> tests;
  const testing::UnitTest& unit = *testing::UnitTest::GetInstance();
  for (int s = 0; s < unit.total_test_suite_count(); ++s) {
    const testing::TestSuite& suite = *unit.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      const testing::TestInfo& info = *suite.GetTestInfo(t);
      TestInfo test{.name = absl::StrCat(suite.name(), ".", info.name()),
                    .file = info.file() == nullptr ? "" : info.file(),
                    .line = info.line()};
      const auto declared =
          std::ranges::find(concurrent, test.name, &TestInfo::name);
      if (declared != concurrent.end()) test = *declared;
      tests.push_back(std::move(test));
    }
  }
  std::ranges::sort(tests, [](const TestInfo& a, const TestInfo& b) {
    return std::tie(a.line, a.name) < std::tie(b.line, b.name);
  });
  return tests;
}

}  // namespace

bool InLoadedModule(uintptr_t address) {
  return address < loaded_end.load(std::memory_order_acquire) &&
         address >= loaded_begin.load(std::memory_order_relaxed);
}

absl::StatusOr<std::unique_ptr<LoadedModule>> LoadedModule::Load(
    const std::string& path) {
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* error = dlerror();
    return absl::FailedPreconditionError(
        absl::StrCat("the module cannot be loaded: ",
                     error == nullptr ? "unknown error" : error));
  }
  link_map* map = nullptr;
  if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || map == nullptr) {
    return absl::InternalError("the loaded module has no link map");
  }
  Search search{.base = map->l_addr, .path = map->l_name, .layout = {}};
  dl_iterate_phdr(Visit, &search);
  if (!search.found) {
    return absl::InternalError("the loaded module has no program headers");
  }
  const Layout& layout = search.layout;
  std::unique_ptr<LoadedModule> module(new LoadedModule);
  module->path_ = path;
  module->bias_ = layout.bias;
  module->extent_ = layout.extent;
  module->writable_ = Without(layout.writable, layout.read_only_later);
  module->tls_module_id_ = layout.tls_module_id;
  module->tls_size_ = layout.tls_size;
  loaded_begin.store(layout.extent.begin, std::memory_order_relaxed);
  // Release: publishes the beginning.
  loaded_end.store(layout.extent.end, std::memory_order_release);
  module->tests_ = ListTests();
  if (module->tests_.empty()) {
    return absl::FailedPreconditionError("the module has no tests");
  }
  return module;
}

const TestInfo* LoadedModule::Find(const std::string& name) const {
  const auto found = std::ranges::find(tests_, name, &TestInfo::name);
  return found == tests_.end() ? nullptr : &*found;
}

}  // namespace racelab::runtimes
