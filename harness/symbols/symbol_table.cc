#include "symbols/symbol_table.h"

#include <cxxabi.h>
#include <gelf.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"

namespace racelab::symbols {

SymbolTable::SymbolTable(Elf* elf) {
  Elf_Scn* section = nullptr;
  while ((section = elf_nextscn(elf, section)) != nullptr) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr ||
        (header.sh_type != SHT_SYMTAB && header.sh_type != SHT_DYNSYM) ||
        header.sh_entsize == 0) {
      continue;
    }
    Elf_Data* data = elf_getdata(section, nullptr);
    if (data == nullptr) continue;
    const size_t count = header.sh_size / header.sh_entsize;
    for (size_t i = 0; i < count; ++i) {
      GElf_Sym symbol;
      if (gelf_getsym(data, static_cast<int>(i), &symbol) == nullptr) break;
      const int type = GELF_ST_TYPE(symbol.st_info);
      const char* name = elf_strptr(elf, header.sh_link, symbol.st_name);
      if ((type != STT_OBJECT && type != STT_TLS) || name == nullptr ||
          symbol.st_shndx == SHN_UNDEF || symbol.st_size == 0) {
        continue;
      }
      int status = 0;
      const std::unique_ptr<char, decltype(&std::free)> plain(
          abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free);
      data_.push_back({symbol.st_value, symbol.st_size, type == STT_TLS,
                       plain ? plain.get() : name});
    }
  }
}

std::optional<Variable> SymbolTable::VariableAt(uint64_t place,
                                                bool is_thread_local) const {
  for (const Datum& datum : data_) {
    if (datum.is_thread_local != is_thread_local || place < datum.address ||
        place >= datum.address + datum.size) {
      continue;
    }
    Variable result;
    result.name = datum.name;
    if (place != datum.address) {
      absl::StrAppend(&result.name, " + ", place - datum.address);
    }
    result.origin = is_thread_local ? "thread_local" : "global";
    return result;
  }
  return std::nullopt;
}

}  // namespace racelab::symbols
