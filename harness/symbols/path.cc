#include "symbols/path.h"

#include <dwarf.h>

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "symbols/dwarf.h"

namespace racelab::symbols {
namespace {

constexpr size_t kMaxEnumerators = 1000;

bool IsRecord(int tag) {
  return tag == DW_TAG_structure_type || tag == DW_TAG_class_type ||
         tag == DW_TAG_union_type;
}

// The name of a template without its arguments.
absl::string_view TemplateName(absl::string_view name) {
  return name.substr(0, name.find('<'));
}

ValueType PointerValue() {
  return {.kind = ValueType::Kind::kPointer,
          .size = sizeof(void*),
          .enumerators = {}};
}

// pthread_mutex_t, sem_t, …: typedefs of unnamed unions, wholes to a student.
bool IsSystemType(Dwarf_Die type) {
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    const int tag = dwarf_tag(&type);
    if (tag != DW_TAG_typedef && tag != DW_TAG_const_type &&
        tag != DW_TAG_volatile_type) {
      return false;
    }
    if (tag == DW_TAG_typedef) {
      const absl::string_view name = NameOf(type);
      if (name == "sem_t" || absl::StartsWith(name, "pthread_")) return true;
    }
    const std::optional<Dwarf_Die> next = ReferenceOf(type, DW_AT_type);
    if (!next) return false;
    type = *next;
  }
  return false;
}

std::vector<uint64_t> Dimensions(Dwarf_Die array) {
  std::vector<uint64_t> result;
  ForEachChild(array, [&](Dwarf_Die child) {
    if (dwarf_tag(&child) != DW_TAG_subrange_type) return true;
    uint64_t count = 0;
    if (const auto value = UnsignedOf(child, DW_AT_count)) {
      count = *value;
    } else if (const auto bound = UnsignedOf(child, DW_AT_upper_bound)) {
      count = *bound + 1;
    }
    result.push_back(count);
    return result.size() < 16;
  });
  return result;
}

struct Walk {
  const TypeContext& context;
  Part part;

  void Leaf(ValueType value) { part.value = std::move(value); }

  void Into(Dwarf_Die type, uint64_t offset, uint64_t size, int depth) {
    if (depth > kMaxDepth) return;
    part.type = TypeName(type);
    part.type_id = dwarf_dieoffset(&type);
    part.offset = offset;
    if (IsSystemType(type)) return;
    const std::optional<Dwarf_Die> stripped = StripQualifiers(type);
    if (!stripped) return;
    Dwarf_Die die = *stripped;
    const int tag = dwarf_tag(&die);
    if (tag == DW_TAG_array_type) {
      Array(die, offset, size, depth);
    } else if (!IsRecord(tag)) {
      Leaf(ValueTypeOf(die));
    } else if (context.is_library(die)) {
      Library(die, offset, size, depth);
    } else {
      if (FlagOf(die, DW_AT_declaration)) {
        const std::optional<Dwarf_Die> full = context.definition(die);
        if (!full) return;
        die = *full;
      }
      Member(die, offset, size, depth);
    }
  }

  void Array(Dwarf_Die array, uint64_t offset, uint64_t size, int depth) {
    const std::optional<Dwarf_Die> element = ReferenceOf(array, DW_AT_type);
    if (!element) return;
    const uint64_t element_size = SizeOf(*element);
    if (element_size == 0) return;
    const std::vector<uint64_t> dimensions = Dimensions(array);
    if (size > element_size) return;  // more than one element: the array
    const uint64_t index = offset / element_size;
    // The last subscript runs fastest.
    std::string subscripts;
    uint64_t rest = index;
    for (size_t i = dimensions.size(); i-- > 1;) {
      if (dimensions[i] == 0) return;
      subscripts = absl::StrCat("[", rest % dimensions[i], "]", subscripts);
      rest /= dimensions[i];
    }
    absl::StrAppend(&part.path, "[", rest, "]", subscripts);
    Into(*element, offset % element_size, size, depth + 1);
  }

  // Where the member behind `start` begins. The size of a library class may be
  // unknown: clang leaves out definitions that libstdc++.so's own debug
  // information would hold (std::condition_variable, std::string).
  static uint64_t NextStart(Dwarf_Die record, uint64_t start) {
    uint64_t next = SizeOf(record);
    ForEachChild(record, [&](Dwarf_Die child) {
      if (dwarf_tag(&child) == DW_TAG_member) {
        const uint64_t place =
            UnsignedOf(child, DW_AT_data_member_location).value_or(0);
        if (place > start && place < next) next = place;
      }
      return true;
    });
    return next;
  }

  void Member(Dwarf_Die record, uint64_t offset, uint64_t size, int depth) {
    ForEachChild(record, [&](Dwarf_Die child) {
      const int tag = dwarf_tag(&child);
      if (tag != DW_TAG_member && tag != DW_TAG_inheritance) return true;
      uint64_t start = 0;
      if (const auto bit = UnsignedOf(child, DW_AT_data_bit_offset)) {
        start = *bit / 8;
      } else if (const auto place =
                     UnsignedOf(child, DW_AT_data_member_location)) {
        start = *place;
      } else if (tag == DW_TAG_inheritance || FlagOf(child, DW_AT_external) ||
                 FlagOf(child, DW_AT_declaration)) {
        return true;  // a virtual base, or a static member
      }
      // Not TypeOf(): the typedef's name matters (pthread_mutex_t).
      const std::optional<Dwarf_Die> type = ReferenceOf(child, DW_AT_type);
      if (!type) return true;
      uint64_t length = SizeOf(*type);
      if (UnsignedOf(child, DW_AT_bit_size)) {
        length = (*UnsignedOf(child, DW_AT_bit_size) + 14) / 8;
      }
      if (length == 0 && tag == DW_TAG_member) {
        length = NextStart(record, start) - start;
      }
      if (offset < start || offset + size > start + length) return true;
      const absl::string_view name = NameOf(child);
      if (absl::StartsWith(name, "_vptr")) {
        absl::StrAppend(&part.path, " (virtual table pointer)");
        Leaf(PointerValue());
        return false;
      }
      // A base class adds nothing to the name, nor does an unnamed union.
      if (tag == DW_TAG_member && !name.empty()) {
        absl::StrAppend(&part.path, ".", name);
      }
      Into(*type, offset - start, size, depth + 1);
      return false;
    });
  }

  void Library(Dwarf_Die record, uint64_t offset, uint64_t size, int depth) {
    const absl::string_view name = TemplateName(NameOf(record));
    const std::optional<Dwarf_Die> first = TemplateType(record, 0);
    if (name == "atomic" || name == "__atomic_base" || name == "atomic_ref") {
      if (first) {
        Leaf(ValueTypeOf(*first));
      } else {
        Leaf({});
      }
    } else if (name == "atomic_flag" || name == "__atomic_flag_base") {
      Leaf({.kind = ValueType::Kind::kBool, .size = 1, .enumerators = {}});
    } else if (name == "unique_ptr" || name == "shared_ptr" ||
               name == "weak_ptr") {
      if (size == sizeof(void*)) Leaf(PointerValue());
    } else if (name == "array") {
      const uint64_t element = first ? SizeOf(*first) : 0;
      if (element == 0 || size > element) return;
      absl::StrAppend(&part.path, "[", offset / element, "]");
      Into(*first, offset % element, size, depth + 1);
    } else if (name == "pair") {
      Member(record, offset, size, depth);
    } else if (name == "optional" || name == "__aligned_membuf" ||
               name == "__aligned_buffer") {
      if (first && offset + size <= SizeOf(*first)) {
        Into(*first, offset, size, depth + 1);
      }
    } else if (name == "_Rb_tree_node" || name == "_List_node" ||
               name == "_Fwd_list_node" || name == "_Hash_node" ||
               name == "_Sp_counted_ptr_inplace") {
      Node(record, offset, size, depth);
    }
    // Anything else is a whole: a mutex, a string, a vector.
  }

  // A node of a container, or the block of make_shared: the student's element
  // lies somewhere behind the library's links or counts.
  void Node(Dwarf_Die record, uint64_t offset, uint64_t size, int depth) {
    const std::optional<Dwarf_Die> first = TemplateType(record, 0);
    const uint64_t whole = SizeOf(record);
    const uint64_t element = first ? SizeOf(*first) : 0;
    if (element == 0 || element > whole) return;
    // Links and counts come first; a hash code that is cached comes last.
    constexpr uint64_t kWord = sizeof(void*);
    // _List_node's links; _Sp_counted_ptr_inplace's vtable and two counts.
    uint64_t start = 2 * kWord;
    const absl::string_view name = TemplateName(NameOf(record));
    if (name == "_Rb_tree_node") {
      start = 4 * kWord;
    } else if (name == "_Fwd_list_node" || name == "_Hash_node") {
      start = kWord;
    }
    if (offset >= start && offset + size <= start + element) {
      Into(*first, offset - start, size, depth + 1);
    } else if (name == "_Sp_counted_ptr_inplace") {
      absl::StrAppend(&part.path, " (reference count)");
      if (size == 4) {
        Leaf({.kind = ValueType::Kind::kSigned, .size = 4, .enumerators = {}});
      }
    } else {
      absl::StrAppend(&part.path, " (link)");
      if (size == kWord) Leaf(PointerValue());
    }
  }
};

}  // namespace

Part PartOf(const TypeContext& context, Dwarf_Die type, uint64_t offset,
            uint64_t size) {
  Walk walk{context, {}};
  walk.Into(type, offset, size, 0);
  return walk.part;
}

ValueType ValueTypeOf(Dwarf_Die type) {
  ValueType result;
  const std::optional<Dwarf_Die> stripped = StripQualifiers(type);
  if (!stripped) return result;
  Dwarf_Die die = *stripped;
  switch (dwarf_tag(&die)) {
    case DW_TAG_pointer_type:
    case DW_TAG_reference_type:
    case DW_TAG_rvalue_reference_type:
      return PointerValue();
    case DW_TAG_enumeration_type:
      result.kind = ValueType::Kind::kEnum;
      ForEachChild(die, [&](Dwarf_Die child) {
        if (dwarf_tag(&child) != DW_TAG_enumerator) return true;
        if (const auto value = SignedOf(child, DW_AT_const_value)) {
          result.enumerators.emplace_back(*value, NameOf(child));
        }
        return result.enumerators.size() < kMaxEnumerators;
      });
      break;
    case DW_TAG_base_type:
      switch (UnsignedOf(die, DW_AT_encoding).value_or(0)) {
        case DW_ATE_boolean:
          result.kind = ValueType::Kind::kBool;
          break;
        case DW_ATE_float:
          result.kind = ValueType::Kind::kFloat;
          break;
        case DW_ATE_signed:
          result.kind = ValueType::Kind::kSigned;
          break;
        case DW_ATE_unsigned:
          result.kind = ValueType::Kind::kUnsigned;
          break;
        case DW_ATE_signed_char:
        case DW_ATE_unsigned_char:
        case DW_ATE_UTF:
          // int8_t and uint8_t are chars to DWARF as well; only `char` itself
          // is text.
          result.kind = NameOf(die) == "char" ? ValueType::Kind::kChar
                        : NameOf(die) == "unsigned char"
                            ? ValueType::Kind::kUnsigned
                            : ValueType::Kind::kSigned;
          break;
        default:
          break;
      }
      break;
    default:
      break;
  }
  result.size = static_cast<uint32_t>(SizeOf(die));
  return result;
}

std::string TypeName(Dwarf_Die type) {
  std::string suffix;
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    const int tag = dwarf_tag(&type);
    if (tag == DW_TAG_pointer_type) {
      suffix.insert(0, "*");
    } else if (tag == DW_TAG_reference_type) {
      suffix.insert(0, "&");
    } else if (tag != DW_TAG_const_type && tag != DW_TAG_volatile_type &&
               tag != DW_TAG_array_type) {
      break;
    }
    const std::optional<Dwarf_Die> next = ReferenceOf(type, DW_AT_type);
    if (!next) return absl::StrCat("void", suffix);
    type = *next;
  }
  std::string name(NameOf(type));
  // "vector<int, std::allocator<int> >": the allocator is no news.
  if (const size_t at = name.find(", std::allocator<");
      at != std::string::npos) {
    name.replace(at, std::string::npos, ">");
  }
  return absl::StrCat(name, suffix);
}

}  // namespace racelab::symbols
