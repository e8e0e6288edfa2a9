#include "runtimes/tsan/fences.h"

#include <elf.h>
#include <link.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

namespace {

// As the compilers number them.
constexpr int kAcquire = 2;
constexpr int kRelease = 3;
constexpr int kAcqRel = 4;

constexpr int ForLoad(int order) { return order < kAcquire ? kAcquire : order; }
constexpr int ForStore(int order) {
  return order < kRelease ? kRelease : order;
}
constexpr int ForBoth(int order) { return order < kAcqRel ? kAcqRel : order; }

// Each in the place of libtsan's function of that shape. They end in a call,
// which is a jump: libtsan looks at who has called it.
template <typename T, T (*Real)(const volatile T*, int)>
T Load(const volatile T* object, int order) {
  return Real(object, ForLoad(order));
}
template <typename T, void (*Real)(volatile T*, T, int)>
void Store(volatile T* object, T value, int order) {
  Real(object, value, ForStore(order));
}
template <typename T, T (*Real)(volatile T*, T, int)>
T Update(volatile T* object, T value, int order) {
  return Real(object, value, ForBoth(order));
}
template <typename T, int (*Real)(volatile T*, T*, T, int, int)>
int Compare(volatile T* object, T* expected, T value, int order, int failure) {
  return Real(object, expected, value, ForBoth(order), ForLoad(failure));
}
template <typename T, T (*Real)(volatile T*, T, T, int, int)>
T CompareValue(volatile T* object, T expected, T value, int order,
               int failure) {
  return Real(object, expected, value, ForBoth(order), ForLoad(failure));
}

using Bits8 = uint8_t;
using Bits16 = uint16_t;
using Bits32 = uint32_t;
using Bits64 = uint64_t;
__extension__ using Bits128 = unsigned __int128;

}  // namespace

#define RACELAB_UPDATES(X, bits)                                             \
  X(bits, exchange)                                                          \
  X(bits, fetch_add)                                                         \
  X(bits, fetch_sub) X(bits, fetch_and) X(bits, fetch_or) X(bits, fetch_xor) \
      X(bits, fetch_nand)
#define RACELAB_SIZES(X) X(8) X(16) X(32) X(64) X(128)

#define RACELAB_DECLARE_UPDATE(bits, name)                                  \
  Bits##bits __tsan_atomic##bits##_##name(volatile Bits##bits*, Bits##bits, \
                                          int);
#define RACELAB_DECLARE(bits)                                              \
  Bits##bits __tsan_atomic##bits##_load(const volatile Bits##bits*, int);  \
  void __tsan_atomic##bits##_store(volatile Bits##bits*, Bits##bits, int); \
  int __tsan_atomic##bits##_compare_exchange_strong(                       \
      volatile Bits##bits*, Bits##bits*, Bits##bits, int, int);            \
  int __tsan_atomic##bits##_compare_exchange_weak(                         \
      volatile Bits##bits*, Bits##bits*, Bits##bits, int, int);            \
  Bits##bits __tsan_atomic##bits##_compare_exchange_val(                   \
      volatile Bits##bits*, Bits##bits, Bits##bits, int, int);             \
  RACELAB_UPDATES(RACELAB_DECLARE_UPDATE, bits)
extern "C" {
RACELAB_SIZES(RACELAB_DECLARE)
}

namespace racelab::tsan {
namespace {

const std::map<std::string_view, void*>& Stronger() {
#define RACELAB_ROW(bits, name, shape) \
  {"__tsan_atomic" #bits "_" #name,    \
   reinterpret_cast<void*>(&shape<Bits##bits, __tsan_atomic##bits##_##name>)},
#define RACELAB_UPDATE_ROW(bits, name) RACELAB_ROW(bits, name, Update)
#define RACELAB_ROWS(bits)                              \
  RACELAB_ROW(bits, load, Load)                         \
  RACELAB_ROW(bits, store, Store)                       \
  RACELAB_ROW(bits, compare_exchange_strong, Compare)   \
  RACELAB_ROW(bits, compare_exchange_weak, Compare)     \
  RACELAB_ROW(bits, compare_exchange_val, CompareValue) \
  RACELAB_UPDATES(RACELAB_UPDATE_ROW, bits)
  static const auto* const stronger =
      new std::map<std::string_view, void*>{RACELAB_SIZES(RACELAB_ROWS)};
  return *stronger;
}

// What the module's dynamic section says.
struct Dynamic {
  uintptr_t bias = 0;
  const ElfW(Sym) * symbols = nullptr;
  const char* names = nullptr;
  const ElfW(Rela) * calls = nullptr;  // through the procedure linkage table
  size_t calls_size = 0;
  const ElfW(Rela) * others = nullptr;
  size_t others_size = 0;
};

template <typename T>
void SetAddress(uintptr_t bias, uintptr_t value, T** place) {
  // The dynamic linker has added the bias; not every one does.
  if (value < bias) value += bias;
  *place = reinterpret_cast<T*>(value);
}

int Read(dl_phdr_info* info, size_t, void* data) {
  auto& dynamic = *static_cast<Dynamic*>(data);
  if (info->dlpi_addr != dynamic.bias) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_DYNAMIC) continue;
    const auto* entry =
        reinterpret_cast<const ElfW(Dyn)*>(info->dlpi_addr + header.p_vaddr);
    for (; entry->d_tag != DT_NULL; ++entry) {
      const uintptr_t value = entry->d_un.d_ptr;
      switch (entry->d_tag) {
        case DT_SYMTAB:
          SetAddress(dynamic.bias, value, &dynamic.symbols);
          break;
        case DT_STRTAB:
          SetAddress(dynamic.bias, value, &dynamic.names);
          break;
        case DT_JMPREL:
          SetAddress(dynamic.bias, value, &dynamic.calls);
          break;
        case DT_PLTRELSZ:
          dynamic.calls_size = value;
          break;
        case DT_RELA:
          SetAddress(dynamic.bias, value, &dynamic.others);
          break;
        case DT_RELASZ:
          dynamic.others_size = value;
          break;
      }
    }
  }
  return 1;
}

// Calls `visit(name, place)` for every place in the module that holds the
// address of a function from elsewhere.
template <typename Visit>
void ForEachImport(const Dynamic& dynamic, Visit visit) {
  const auto each = [&](const ElfW(Rela) * relocations, size_t size) {
    for (size_t i = 0; i < size / sizeof(ElfW(Rela)); ++i) {
      const ElfW(Rela)& relocation = relocations[i];
      const auto type = ELF64_R_TYPE(relocation.r_info);
      if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT) continue;
      const ElfW(Sym)& symbol = dynamic.symbols[ELF64_R_SYM(relocation.r_info)];
      visit(std::string_view(dynamic.names + symbol.st_name),
            reinterpret_cast<void**>(dynamic.bias + relocation.r_offset));
    }
  };
  each(dynamic.calls, dynamic.calls_size);
  each(dynamic.others, dynamic.others_size);
}

void Write(void** place, void* value) {
  constexpr uintptr_t kPage = 4096;
  void* page = reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(place) &
                                       ~(kPage - 1));
  // The linker may have made it read-only after relocation.
  if (mprotect(page, kPage, PROT_READ | PROT_WRITE) != 0) return;
  *place = value;
}

}  // namespace

void AllowForFences(const runtimes::LoadedModule& module) {
  Dynamic dynamic;
  dynamic.bias = module.bias();
  dl_iterate_phdr(Read, &dynamic);
  if (dynamic.symbols == nullptr || dynamic.names == nullptr) return;
  bool fences = false;
  ForEachImport(dynamic, [&fences](std::string_view name, void**) {
    fences |= name == "__tsan_atomic_thread_fence";
  });
  if (!fences) return;
  ForEachImport(dynamic, [](std::string_view name, void** place) {
    const auto found = Stronger().find(name);
    if (found != Stronger().end()) Write(place, found->second);
  });
}

}  // namespace racelab::tsan
