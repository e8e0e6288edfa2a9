#include "symbols/dwarf.h"

#include <dwarf.h>

#include <cstddef>

namespace racelab::symbols {
namespace {

constexpr int kRbp = 6;  // DWARF's number, x86-64 psABI figure 3.36

// With a frame pointer, the canonical frame address is two words above it: the
// saved rbp and the return address.
constexpr int64_t kCfaFromRbp = 16;

std::optional<int64_t> PlaceFromOps(Dwarf_Die function, const Dwarf_Op* ops,
                                    size_t count) {
  if (count != 1) return std::nullopt;
  const auto number = static_cast<int64_t>(ops[0].number);
  if (ops[0].atom == DW_OP_breg0 + kRbp) return number;
  if (ops[0].atom != DW_OP_fbreg) return std::nullopt;
  Dwarf_Attribute attribute;
  Dwarf_Op* base = nullptr;
  size_t base_count = 0;
  if (dwarf_attr_integrate(&function, DW_AT_frame_base, &attribute) ==
          nullptr ||
      dwarf_getlocation(&attribute, &base, &base_count) != 0 ||
      base_count != 1) {
    return std::nullopt;
  }
  if (base[0].atom == DW_OP_call_frame_cfa) return number + kCfaFromRbp;
  if (base[0].atom == DW_OP_reg0 + kRbp) return number;
  if (base[0].atom == DW_OP_breg0 + kRbp) {
    return number + static_cast<int64_t>(base[0].number);
  }
  return std::nullopt;
}

}  // namespace

absl::string_view NameOf(Dwarf_Die die) {
  Dwarf_Attribute attribute;
  const char* name =
      dwarf_formstring(dwarf_attr_integrate(&die, DW_AT_name, &attribute));
  return name == nullptr ? absl::string_view() : absl::string_view(name);
}

std::optional<Dwarf_Die> ReferenceOf(Dwarf_Die die, unsigned attribute_name) {
  Dwarf_Attribute attribute;
  Dwarf_Die result;
  if (dwarf_attr_integrate(&die, attribute_name, &attribute) == nullptr ||
      dwarf_formref_die(&attribute, &result) == nullptr) {
    return std::nullopt;
  }
  return result;
}

std::optional<Dwarf_Die> OwnReferenceOf(Dwarf_Die die,
                                        unsigned attribute_name) {
  Dwarf_Attribute attribute;
  Dwarf_Die result;
  if (dwarf_attr(&die, attribute_name, &attribute) == nullptr ||
      dwarf_formref_die(&attribute, &result) == nullptr) {
    return std::nullopt;
  }
  return result;
}

std::optional<uint64_t> UnsignedOf(Dwarf_Die die, unsigned attribute_name) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  if (dwarf_attr_integrate(&die, attribute_name, &attribute) == nullptr ||
      dwarf_formudata(&attribute, &value) != 0) {
    return std::nullopt;
  }
  return value;
}

std::optional<int64_t> SignedOf(Dwarf_Die die, unsigned attribute_name) {
  Dwarf_Attribute attribute;
  Dwarf_Sword value = 0;
  if (dwarf_attr_integrate(&die, attribute_name, &attribute) == nullptr ||
      dwarf_formsdata(&attribute, &value) != 0) {
    return std::nullopt;
  }
  return value;
}

bool FlagOf(Dwarf_Die die, unsigned attribute_name) {
  Dwarf_Attribute attribute;
  bool value = false;
  return dwarf_attr(&die, attribute_name, &attribute) != nullptr &&
         dwarf_formflag(&attribute, &value) == 0 && value;
}

std::optional<Dwarf_Die> StripQualifiers(Dwarf_Die type) {
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    switch (dwarf_tag(&type)) {
      case DW_TAG_typedef:
      case DW_TAG_const_type:
      case DW_TAG_volatile_type:
      case DW_TAG_atomic_type:
      case DW_TAG_restrict_type: {
        const std::optional<Dwarf_Die> next = ReferenceOf(type, DW_AT_type);
        if (!next) return std::nullopt;
        type = *next;
        break;
      }
      case DW_TAG_invalid:
        return std::nullopt;
      default:
        return type;
    }
  }
  return std::nullopt;
}

std::optional<Dwarf_Die> TypeOf(Dwarf_Die die) {
  const std::optional<Dwarf_Die> type = ReferenceOf(die, DW_AT_type);
  if (!type) return std::nullopt;
  return StripQualifiers(*type);
}

uint64_t SizeOf(Dwarf_Die type) {
  const std::optional<Dwarf_Die> stripped = StripQualifiers(type);
  if (!stripped) return 0;
  Dwarf_Die die = *stripped;
  switch (dwarf_tag(&die)) {
    case DW_TAG_pointer_type:
    case DW_TAG_reference_type:
    case DW_TAG_rvalue_reference_type:
      return sizeof(void*);
    default:
      break;
  }
  Dwarf_Word size = 0;
  if (dwarf_aggregate_size(&die, &size) != 0) return 0;
  return size;
}

Dwarf_Die DeclarationOf(Dwarf_Die die) {
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    std::optional<Dwarf_Die> next = OwnReferenceOf(die, DW_AT_abstract_origin);
    if (!next) next = OwnReferenceOf(die, DW_AT_specification);
    if (!next) return die;
    die = *next;
  }
  return die;
}

void ForEachChild(Dwarf_Die die, const std::function<bool(Dwarf_Die)>& visit) {
  Dwarf_Die child;
  if (dwarf_child(&die, &child) != 0) return;
  while (visit(child)) {
    Dwarf_Die next;
    if (dwarf_siblingof(&child, &next) != 0) return;
    // A damaged sibling attribute may point backwards; DIEs only go forwards.
    if (next.addr <= child.addr) return;
    child = next;
  }
}

std::optional<Dwarf_Die> TemplateType(Dwarf_Die die, int index) {
  std::optional<Dwarf_Die> result;
  int seen = 0;
  ForEachChild(die, [&](Dwarf_Die child) {
    if (dwarf_tag(&child) != DW_TAG_template_type_parameter) return true;
    if (seen++ != index) return true;
    result = TypeOf(child);
    return false;
  });
  return result;
}

std::optional<StaticPlace> StaticPlaceOf(Dwarf_Die variable) {
  Dwarf_Attribute attribute;
  Dwarf_Op* ops = nullptr;
  size_t count = 0;
  if (dwarf_attr(&variable, DW_AT_location, &attribute) == nullptr ||
      dwarf_getlocation(&attribute, &ops, &count) != 0 || count == 0) {
    return std::nullopt;
  }
  uint64_t value = 0;
  switch (ops[0].atom) {
    case DW_OP_addr:
    case DW_OP_const4u:
    case DW_OP_const8u:
      value = ops[0].number;
      break;
    case DW_OP_addrx:
    case DW_OP_constx:
    case DW_OP_GNU_addr_index:
    case DW_OP_GNU_const_index: {
      Dwarf_Attribute indirect;
      Dwarf_Addr address = 0;
      if (dwarf_getlocation_attr(&attribute, &ops[0], &indirect) != 0 ||
          dwarf_formaddr(&indirect, &address) != 0) {
        return std::nullopt;
      }
      value = address;
      break;
    }
    default:
      return std::nullopt;
  }
  const bool is_address = ops[0].atom == DW_OP_addr ||
                          ops[0].atom == DW_OP_addrx ||
                          ops[0].atom == DW_OP_GNU_addr_index;
  size_t next = 1;
  if (next < count && ops[next].atom == DW_OP_plus_uconst) {
    value += ops[next].number;
    ++next;
  }
  if (is_address) {
    if (next != count) return std::nullopt;
    return StaticPlace{true, value};
  }
  if (next + 1 != count || (ops[next].atom != DW_OP_form_tls_address &&
                            ops[next].atom != DW_OP_GNU_push_tls_address)) {
    return std::nullopt;
  }
  return StaticPlace{false, value};
}

std::optional<int64_t> OffsetFromFramePointer(Dwarf_Die function,
                                              Dwarf_Die variable, uint64_t pc) {
  Dwarf_Attribute attribute;
  if (dwarf_attr(&variable, DW_AT_location, &attribute) == nullptr) {
    return std::nullopt;
  }
  Dwarf_Op* ops = nullptr;
  size_t count = 0;
  if (dwarf_getlocation(&attribute, &ops, &count) == 0) {
    return PlaceFromOps(function, ops, count);
  }
  // A location list: the place at pc, else wherever it is in memory.
  std::optional<int64_t> anywhere;
  ptrdiff_t offset = 0;
  Dwarf_Addr base = 0;
  Dwarf_Addr start = 0;
  Dwarf_Addr end = 0;
  for (int entries = 0; entries < 1000; ++entries) {
    offset = dwarf_getlocations(&attribute, offset, &base, &start, &end, &ops,
                                &count);
    if (offset <= 0) break;
    const std::optional<int64_t> place = PlaceFromOps(function, ops, count);
    if (!place) continue;
    if (start <= pc && pc < end) return place;
    if (!anywhere) anywhere = place;
  }
  return anywhere;
}

}  // namespace racelab::symbols
