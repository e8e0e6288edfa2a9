// What a loaded object imports: its relocations by name.
//
// Thread safety: none of the object's code may run meanwhile.

#ifndef RACELAB_RUNTIMES_COMMON_RELOCATIONS_H_
#define RACELAB_RUNTIMES_COMMON_RELOCATIONS_H_

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace racelab::runtimes {

// The object of that path, if it is loaded; null if not. It stays loaded.
inline link_map* LoadedObject(const std::string& path) {
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD);
  if (handle == nullptr) return nullptr;
  link_map* object = nullptr;
  if (dlinfo(handle, RTLD_DI_LINKMAP, &object) != 0) object = nullptr;
  dlclose(handle);  // what this one call has added
  return object;
}

// function(name, relocation) for each of them.
template <typename Function>
void ForEachRelocation(const link_map& object, Function function) {
  const ElfW(Sym)* symbols = nullptr;
  const char* strings = nullptr;
  const ElfW(Rela) * tables[2] = {};
  size_t sizes[2] = {};
  for (const ElfW(Dyn)* entry = object.l_ld; entry->d_tag != DT_NULL; ++entry) {
    const auto pointer = entry->d_un.d_ptr;
    switch (entry->d_tag) {
      case DT_SYMTAB:
        symbols = reinterpret_cast<const ElfW(Sym)*>(pointer);
        break;
      case DT_STRTAB:
        strings = reinterpret_cast<const char*>(pointer);
        break;
      case DT_JMPREL:
        tables[0] = reinterpret_cast<const ElfW(Rela)*>(pointer);
        break;
      case DT_PLTRELSZ:
        sizes[0] = entry->d_un.d_val;
        break;
      case DT_RELA:
        tables[1] = reinterpret_cast<const ElfW(Rela)*>(pointer);
        break;
      case DT_RELASZ:
        sizes[1] = entry->d_un.d_val;
        break;
      default:
        break;
    }
  }
  if (symbols == nullptr || strings == nullptr) return;
  for (int table = 0; table < 2; ++table) {
    if (tables[table] == nullptr) continue;
    for (size_t i = 0; i < sizes[table] / sizeof(ElfW(Rela)); ++i) {
      const ElfW(Rela)& entry = tables[table][i];
      function(strings + symbols[ELF64_R_SYM(entry.r_info)].st_name, entry);
    }
  }
}

// Has the object call another function where it imports one so.
inline void Redirect(const link_map& object, const ElfW(Rela) & import,
                     uintptr_t function) {
  const auto type = ELF64_R_TYPE(import.r_info);
  if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT) return;
  const uintptr_t slot = object.l_addr + import.r_offset;
  // The loader may have made it read-only.
  constexpr uintptr_t kPage = 4096;
  auto* const page = reinterpret_cast<void*>(slot & ~(kPage - 1));
  if (mprotect(page, kPage, PROT_READ | PROT_WRITE) != 0) return;
  *reinterpret_cast<uintptr_t*>(slot) = function;
}

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_RELOCATIONS_H_
