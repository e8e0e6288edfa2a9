#include "runtimes/model/platform/module_state.h"

#include <elf.h>
#include <link.h>

#include <cstring>

// glibc's, also used by the code that compilers emit for thread_locals.
extern "C" void* __tls_get_addr(void* index);

namespace racelab::model {
namespace {

struct TlsIndex {
  unsigned long module;
  unsigned long offset;
};

struct Found {
  uintptr_t wanted = 0;
  bool found = false;
  dl_phdr_info info{};
};

int Look(dl_phdr_info* info, size_t, void* argument) {
  auto* look = static_cast<Found*>(argument);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    const uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
    if (look->wanted - begin < segment.p_memsz) {
      look->found = true;
      look->info = *info;
      return 1;
    }
  }
  return 0;
}

}  // namespace

ModuleState module_state;

bool ModuleState::Save(uintptr_t address_within) {
  Found look;
  look.wanted = address_within;
  dl_iterate_phdr(&Look, &look);
  if (!look.found) return false;

  const uintptr_t bias = look.info.dlpi_addr;
  constexpr uintptr_t kPage = 4096;
  extent_ = {~uintptr_t{0}, 0};
  writable_.clear();
  Range relro;
  for (int i = 0; i < look.info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = look.info.dlpi_phdr[i];
    const uintptr_t begin = bias + segment.p_vaddr;
    const uintptr_t end = begin + segment.p_memsz;
    if (segment.p_type == PT_LOAD) {
      if (begin < extent_.begin) extent_.begin = begin;
      if (end > extent_.end) extent_.end = end;
      if ((segment.p_flags & PF_W) != 0) writable_.push_back({begin, end});
    } else if (segment.p_type == PT_GNU_RELRO) {
      // ld.so protects whole pages, the last one only if all of it is covered.
      relro = {begin, (end & ~(kPage - 1))};
    } else if (segment.p_type == PT_TLS) {
      tls_module_ = look.info.dlpi_tls_modid;
      tls_image_ = reinterpret_cast<const char*>(begin);
      tls_image_size_ = segment.p_filesz;
      tls_size_ = segment.p_memsz;
    }
  }
  for (Range& range : writable_) {
    if (relro.end > range.begin && relro.begin <= range.begin) {
      range.begin = relro.end < range.end ? relro.end : range.end;
    }
  }
  saved_.clear();
  for (const Range& range : writable_) {
    saved_.emplace_back(reinterpret_cast<const char*>(range.begin),
                        reinterpret_cast<const char*>(range.end));
  }
  return true;
}

void ModuleState::Restore() {
  for (size_t i = 0; i < writable_.size(); ++i) {
    std::memcpy(reinterpret_cast<void*>(writable_[i].begin), saved_[i].data(),
                saved_[i].size());
  }
}

Range ModuleState::ThreadLocals() const {
  if (tls_size_ == 0) return {};
  TlsIndex index{tls_module_, 0};
  const auto begin = reinterpret_cast<uintptr_t>(__tls_get_addr(&index));
  return {begin, begin + tls_size_};
}

uintptr_t ModuleState::ResetThreadLocals() {
  if (tls_size_ == 0) return 0;
  auto* begin = reinterpret_cast<char*>(ThreadLocals().begin);
  std::memcpy(begin, tls_image_, tls_image_size_);
  std::memset(begin + tls_image_size_, 0, tls_size_ - tls_image_size_);
  return reinterpret_cast<uintptr_t>(begin);
}

}  // namespace racelab::model
