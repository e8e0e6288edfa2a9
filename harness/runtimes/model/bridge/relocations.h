// What a loaded object imports: its relocations by name.

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_RELOCATIONS_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_RELOCATIONS_H_

#include <link.h>

#include <cstddef>

namespace racelab::model {

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

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_RELOCATIONS_H_
