// Reading a TOML table key by key so that every mistake is reported with its
// place: keys of the wrong type, missing ones, and those that nobody asked for.
//
// One Document is one file; it collects the mistakes of all its tables, so that
// one look shows all of them. Include this in .cc files only: toml++ is heavy.

#ifndef RACELAB_MANIFEST_TOML_READER_H_
#define RACELAB_MANIFEST_TOML_READER_H_

#include <toml++/toml.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace racelab::manifest {

class Document {
 public:
  // NotFound if there is no such file, InvalidArgument if it is no TOML.
  // `shown` is the file's name in messages.
  static absl::StatusOr<Document> Read(const std::filesystem::path& file,
                                       std::string shown);

  const toml::table& root() const { return root_; }

  void Complain(const toml::source_region& where, std::string_view what);
  // At the top of the file: something is missing as a whole.
  void Complain(std::string_view what);

  // OK, or InvalidArgument with a line per complaint, in the file's order.
  absl::Status status() const;

 private:
  struct Complaint {
    uint32_t line;
    std::string text;
  };
  std::string shown_;
  toml::table root_;
  std::vector<Complaint> complaints_;
};

// One table of a document. Each getter names a key that may stand here; Finish
// complains of all others.
class TableReader {
 public:
  // `what` names the table in messages: "[[tests]]".
  TableReader(Document& document, const toml::table& table, std::string what);

  enum class Need { kRequired, kOptional };

  // Each leaves `out` alone where the key is missing or mistyped.
  void String(std::string_view key, Need need, std::string& out);
  void Int(std::string_view key, Need need, int64_t low, int64_t high,
           int& out);
  void Count(std::string_view key, uint64_t& out);
  void Seconds(std::string_view key, double& out);
  void Strings(std::string_view key, Need need, std::vector<std::string>& out);
  // A string, or a list of strings.
  void OneOrMore(std::string_view key, Need need,
                 std::vector<std::string>& out);
  const toml::table* Table(std::string_view key);
  // An array of tables, `[[key]]`; empty where it is missing.
  std::vector<const toml::table*> Tables(std::string_view key, Need need);

  // Where the key's value stands, or the table if there is none.
  toml::source_region Where(std::string_view key) const;
  toml::source_region Where() const { return table_.source(); }

  void Finish();

 private:
  const toml::node* Get(std::string_view key, Need need);
  void WrongType(std::string_view key, const toml::node& node,
                 std::string_view wanted);

  Document& document_;
  const toml::table& table_;
  std::string what_;
  std::vector<std::string> known_;
};

}  // namespace racelab::manifest

#endif  // RACELAB_MANIFEST_TOML_READER_H_
