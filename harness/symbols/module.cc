#include <fcntl.h>
#include <libelf.h>
#include <link.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "symbols/dwarf_module.h"
#include "symbols/symbols.h"

namespace racelab::symbols {

absl::StatusOr<std::unique_ptr<Module>> Module::Open(const std::string& path,
                                                     uintptr_t bias,
                                                     ModuleOptions options) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return absl::NotFoundError(absl::StrCat("cannot open ", path));
  }
  elf_version(EV_CURRENT);
  Elf* elf = elf_begin(fd, ELF_C_READ_MMAP, nullptr);
  if (elf == nullptr || elf_kind(elf) != ELF_K_ELF) {
    if (elf != nullptr) elf_end(elf);
    close(fd);
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is not an ELF file"));
  }
  return std::make_unique<DwarfModule>(fd, elf, bias, std::move(options));
}

absl::StatusOr<std::unique_ptr<Module>> Module::OfAddress(
    const void* address, ModuleOptions options) {
  struct Search {
    uintptr_t address;
    std::string path;
    uintptr_t bias = 0;
    bool found = false;
  } search{reinterpret_cast<uintptr_t>(address), {}, 0, false};
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* argument) {
        auto* search = static_cast<Search*>(argument);
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const ElfW(Phdr)& header = info->dlpi_phdr[i];
          const uintptr_t low = info->dlpi_addr + header.p_vaddr;
          if (header.p_type == PT_LOAD && low <= search->address &&
              search->address < low + header.p_memsz) {
            search->found = true;
            search->path = info->dlpi_name;
            search->bias = info->dlpi_addr;
            return 1;
          }
        }
        return 0;
      },
      &search);
  if (!search.found) {
    return absl::NotFoundError("no loaded module holds this address");
  }
  // The dynamic linker gives the program itself no name.
  if (search.path.empty()) search.path = "/proc/self/exe";
  return Open(search.path, search.bias, std::move(options));
}

bool IsInAtomicSharedPtr(const Module& module, uintptr_t return_address) {
  for (const verdict::SourceLocation& frame :
       module.Frames(return_address - 1)) {
    if (frame.file.ends_with("bits/shared_ptr_atomic.h")) return true;
  }
  return false;
}

}  // namespace racelab::symbols
