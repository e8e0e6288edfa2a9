#include "build/sha256.h"

#include <string>

#include "gtest/gtest.h"

namespace racelab::build {
namespace {

TEST(Sha256Test, TellsFieldsApart) {
  // The field's length comes first: eight bytes, little-endian.
  EXPECT_EQ(Sha256().Hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_NE(Sha256().Add("ab").Add("c").Hex(),
            Sha256().Add("a").Add("bc").Hex());
  EXPECT_EQ(Sha256().Add(std::string(200, 'x')).Hex(),
            "8b70c0b60fdb51529836e1e5038056a912410c358ee51f650036d5c85ff9ccd1");
}

}  // namespace
}  // namespace racelab::build
