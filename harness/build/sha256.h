// SHA-256 (FIPS 180-4): what the build cache is addressed by. A cache may be
// shared by the submissions of people who do not trust each other, so a hash
// whose collisions can be made to order would not do.

#ifndef RACELAB_BUILD_SHA256_H_
#define RACELAB_BUILD_SHA256_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace racelab::build {

// Fields are hashed with their lengths, so that ("ab", "c") and ("a", "bc")
// differ. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  // Adds a field.
  Sha256& Add(std::string_view field);
  // 64 hex digits. Call once, last.
  std::string Hex();

 private:
  void AddRaw(std::string_view bytes);
  void Block(const unsigned char* block);

  std::array<uint32_t, 8> state_;
  std::array<unsigned char, 64> buffer_;
  uint64_t size_ = 0;  // bytes so far
};

}  // namespace racelab::build

#endif  // RACELAB_BUILD_SHA256_H_
