#include "manifest/toml_reader.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "manifest/catalog.h"
#include "manifest/text.h"
namespace racelab::manifest {
namespace {

std::string_view TypeName(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

}  // namespace

absl::StatusOr<Document> Document::Read(const std::filesystem::path& file,
                                        std::string shown) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    return absl::NotFoundError(Cat(shown, ": no such file"));
  }
  std::ifstream in(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)),
                         std::istreambuf_iterator<char>());
  if (in.bad() || !in.is_open()) {
    return absl::NotFoundError(Cat(shown, ": cannot be read"));
  }
  Document document;
  document.shown_ = std::move(shown);
  try {
    document.root_ = toml::parse(text);
  } catch (const toml::parse_error& bad) {
    document.Complain(bad.source(), bad.description());
    return document.status();
  }
  return document;
}

void Document::Complain(const toml::source_region& where,
                        std::string_view what) {
  complaints_.push_back(
      {where.begin.line, Cat(shown_, ":", where.begin.line, ":",
                             where.begin.column, ": ", what)});
}

void Document::Complain(std::string_view what) {
  complaints_.push_back({1, Cat(shown_, ":1:1: ", what)});
}

absl::Status Document::status() const {
  if (complaints_.empty()) return absl::OkStatus();
  std::vector<Complaint> sorted = complaints_;
  std::stable_sort(
      sorted.begin(), sorted.end(),
      [](const Complaint& a, const Complaint& b) { return a.line < b.line; });
  std::vector<std::string> lines;
  for (const Complaint& complaint : sorted) lines.push_back(complaint.text);
  return absl::InvalidArgumentError(Join(lines, "\n"));
}

TableReader::TableReader(Document& document, const toml::table& table,
                         std::string what)
    : document_(document), table_(table), what_(std::move(what)) {}

const toml::node* TableReader::Get(std::string_view key, Need need) {
  known_.emplace_back(key);
  const toml::node* node = table_.get(key);
  if (node == nullptr && need == Need::kRequired) {
    document_.Complain(table_.source().begin
                           ? table_.source()
                           : toml::source_region{{1, 1}, {1, 1}, nullptr},
                       Cat(what_, " lacks \"", key, "\""));
  }
  return node;
}

void TableReader::WrongType(std::string_view key, const toml::node& node,
                            std::string_view wanted) {
  document_.Complain(node.source(), Cat("\"", key, "\" must be ", wanted,
                                        ", but this is ", TypeName(node)));
}

void TableReader::String(std::string_view key, Need need, std::string& out) {
  const toml::node* node = Get(key, need);
  if (node == nullptr) return;
  const auto* value = node->as_string();
  if (value == nullptr) return WrongType(key, *node, "a string");
  if (value->get().empty()) {
    return document_.Complain(node->source(),
                              Cat("\"", key, "\" must not be empty"));
  }
  out = value->get();
}

void TableReader::Int(std::string_view key, Need need, int64_t low,
                      int64_t high, int& out) {
  const toml::node* node = Get(key, need);
  if (node == nullptr) return;
  const auto* value = node->as_integer();
  if (value == nullptr) return WrongType(key, *node, "an integer");
  if (value->get() < low || value->get() > high) {
    return document_.Complain(node->source(),
                              Cat("\"", key, "\" must be ", low, " to ", high));
  }
  out = static_cast<int>(value->get());
}

void TableReader::Count(std::string_view key, uint64_t& out) {
  const toml::node* node = Get(key, Need::kOptional);
  if (node == nullptr) return;
  const auto* value = node->as_integer();
  if (value == nullptr) return WrongType(key, *node, "an integer");
  if (value->get() < 0) {
    return document_.Complain(node->source(),
                              Cat("\"", key, "\" must not be negative"));
  }
  out = static_cast<uint64_t>(value->get());
}

void TableReader::Seconds(std::string_view key, double& out) {
  const toml::node* node = Get(key, Need::kOptional);
  if (node == nullptr) return;
  double value = 0;
  if (const auto* real = node->as_floating_point()) {
    value = real->get();
  } else if (const auto* whole = node->as_integer()) {
    value = static_cast<double>(whole->get());
  } else {
    return WrongType(key, *node, "a number of seconds");
  }
  if (!(value > 0 && value <= 3600)) {
    return document_.Complain(
        node->source(),
        Cat("\"", key, "\" must be more than 0 and at most 3600 seconds"));
  }
  out = value;
}

void TableReader::Strings(std::string_view key, Need need,
                          std::vector<std::string>& out) {
  const toml::node* node = Get(key, need);
  if (node == nullptr) return;
  const auto* list = node->as_array();
  if (list == nullptr) return WrongType(key, *node, "a list of strings");
  for (const toml::node& item : *list) {
    const auto* value = item.as_string();
    if (value == nullptr) {
      WrongType(key, item, "a list of strings");
    } else if (std::find(out.begin(), out.end(), value->get()) != out.end()) {
      document_.Complain(item.source(),
                         Cat("\"", value->get(), "\" stands here twice"));
    } else {
      out.push_back(value->get());
    }
  }
  if (list->empty() && need == Need::kRequired) {
    document_.Complain(node->source(), Cat("\"", key, "\" must not be empty"));
  }
}

void TableReader::OneOrMore(std::string_view key, Need need,
                            std::vector<std::string>& out) {
  const toml::node* node = table_.get(key);
  if (node != nullptr && node->is_string()) {
    std::string value;
    String(key, need, value);
    if (!value.empty()) out.push_back(std::move(value));
    return;
  }
  if (node != nullptr && !node->is_array()) {
    known_.emplace_back(key);
    return WrongType(key, *node, "a string or a list of strings");
  }
  Strings(key, need, out);
}

const toml::table* TableReader::Table(std::string_view key) {
  const toml::node* node = Get(key, Need::kOptional);
  if (node == nullptr) return nullptr;
  const toml::table* table = node->as_table();
  if (table == nullptr) WrongType(key, *node, "a table");
  return table;
}

std::vector<const toml::table*> TableReader::Tables(std::string_view key,
                                                    Need need) {
  std::vector<const toml::table*> tables;
  known_.emplace_back(key);
  const toml::node* node = table_.get(key);
  if (node == nullptr) {
    if (need == Need::kRequired) {
      document_.Complain(Cat(what_, " needs at least one [[", key, "]]"));
    }
    return tables;
  }
  const toml::array* list = node->as_array();
  if (list == nullptr) {
    WrongType(key, *node, Cat("written as [[", key, "]]"));
    return tables;
  }
  for (const toml::node& item : *list) {
    if (const toml::table* table = item.as_table()) {
      tables.push_back(table);
    } else {
      WrongType(key, item, Cat("written as [[", key, "]]"));
    }
  }
  return tables;
}

toml::source_region TableReader::Where(std::string_view key) const {
  const toml::node* node = table_.get(key);
  return node != nullptr ? node->source() : table_.source();
}

void TableReader::Finish() {
  for (auto&& [key, node] : table_) {
    const std::string_view name = key.str();
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    std::string message = Cat("unknown key \"", name, "\" in ", what_);
    const std::vector<std::string> nearest = NearestNames(name, known_);
    if (!nearest.empty()) {
      Append(message, "; did you mean \"", nearest[0], "\"?");
    } else {
      Append(message, "; it may hold ", Join(known_, ", "));
    }
    document_.Complain(key.source(), message);
  }
}

}  // namespace racelab::manifest
