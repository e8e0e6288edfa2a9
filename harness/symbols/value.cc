#include <bit>
#include <cctype>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "symbols/symbols.h"

namespace racelab::symbols {
namespace {

int64_t SignExtend(uint64_t value, uint32_t size) {
  switch (size) {
    case 1:
      return static_cast<int8_t>(value);
    case 2:
      return static_cast<int16_t>(value);
    case 4:
      return static_cast<int32_t>(value);
    default:
      return static_cast<int64_t>(value);
  }
}

uint64_t Truncate(uint64_t value, uint32_t size) {
  return size == 0 || size >= 8 ? value : value & ((1ULL << (8 * size)) - 1);
}

std::string Char(uint8_t c) {
  switch (c) {
    case 0:
      return "'\\0'";
    case '\n':
      return "'\\n'";
    case '\t':
      return "'\\t'";
    case '\'':
      return "'\\''";
    case '\\':
      return "'\\\\'";
    default:
      break;
  }
  if (c < 0x20 || c >= 0x7f) return absl::StrFormat("'\\x%02x'", c);
  return absl::StrFormat("'%c'", c);
}

}  // namespace

std::string FormatValue(const ValueType& type, uint64_t lo, uint64_t hi) {
  const uint64_t bits = Truncate(lo, type.size);
  switch (type.kind) {
    case ValueType::Kind::kBool:
      return bits == 0 ? "false" : bits == 1 ? "true" : absl::StrCat(bits);
    case ValueType::Kind::kChar:
      return Char(static_cast<uint8_t>(bits));
    case ValueType::Kind::kPointer:
      return bits == 0 ? "nullptr" : absl::StrFormat("0x%x", bits);
    case ValueType::Kind::kFloat:
      if (type.size == sizeof(float)) {
        return absl::StrCat(std::bit_cast<float>(static_cast<uint32_t>(bits)));
      }
      if (type.size == sizeof(double)) {
        return absl::StrCat(std::bit_cast<double>(bits));
      }
      return "";
    case ValueType::Kind::kEnum:
      for (const auto& [value, name] : type.enumerators) {
        if (Truncate(static_cast<uint64_t>(value), type.size) == bits) {
          return name;
        }
      }
      return absl::StrCat(SignExtend(bits, type.size));
    case ValueType::Kind::kSigned:
      return absl::StrCat(SignExtend(bits, type.size));
    case ValueType::Kind::kUnsigned:
    case ValueType::Kind::kUnknown:
      break;
  }
  if (hi != 0) return absl::StrFormat("0x%x%016x", hi, lo);
  return absl::StrCat(bits);
}

}  // namespace racelab::symbols
