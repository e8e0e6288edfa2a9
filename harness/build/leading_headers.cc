#include "build/leading_headers.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "build/source_text.h"

namespace racelab::build {
namespace {

using Sources = std::map<std::string, std::string>;

constexpr std::string_view kStudent = "student/";

std::string_view Trimmed(std::string_view text) {
  const auto blank = [](char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0;
  };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// The name between `open` and `close`, which must be all there is.
std::string_view Between(std::string_view text, char open, char close) {
  if (text.size() < 3 || text.front() != open || text.back() != close) {
    return {};
  }
  return text.substr(1, text.size() - 2);
}

// COUNTER_H_ and the like: nothing that a system header could look at.
bool IsGuard(std::string_view name) {
  return !name.empty() && name[0] != '_' &&
         name.find("_H") != std::string_view::npos &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
         });
}

bool IsPlainPath(std::string_view name) {
  return !name.empty() && name[0] != '/' &&
         name.find("..") == std::string_view::npos &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) || c == '_' ||
                  c == '.' || c == '/' || c == '-' || c == '+';
         });
}

class Reader {
 public:
  explicit Reader(const Sources& sources) : sources_(sources) {}

  // False: what follows does not lead any more.
  bool Read(const std::string& file) {
    // A file that comes twice has a guard or not: nothing depends on it here.
    if (!read_.insert(file).second) return false;
    const std::string& text = sources_.at(file);
    std::string guard;
    bool defined = false;
    const std::vector<Directive> directives = ReadDirectives(text);
    for (const Directive& directive : directives) {
      if (!directive.leading) return false;
      const std::string_view rest = Trimmed(directive.rest);
      if (directive.name == "pragma" && rest == "once") continue;
      if (directive.name == "ifndef" && guard.empty() && IsGuard(rest)) {
        guard = rest;
      } else if (directive.name == "define" && !defined && !guard.empty() &&
                 rest == guard) {
        defined = true;
      } else if (directive.name == "endif" && defined) {
        guard.clear();
        defined = false;
      } else if (directive.name != "include" || (!guard.empty() && !defined) ||
                 !Include(file, rest)) {
        return false;
      }
    }
    // Code after the last directive, or a \ that joins the next line to it.
    const auto all = ReadDirectives(text + "\n#pragma once\n");
    return all.size() > directives.size() && all.back().leading;
  }

  std::vector<std::string> headers() && { return std::move(headers_); }

 private:
  bool Include(const std::string& from, std::string_view what) {
    if (const std::string_view name = Between(what, '<', '>'); !name.empty()) {
      // A student's folder is searched, too.
      const std::string own = std::string(kStudent) + std::string(name);
      if (!IsPlainPath(name) || sources_.contains(own)) return false;
      if (std::ranges::find(headers_, name) == headers_.end()) {
        headers_.emplace_back(name);
      }
      return true;
    }
    const std::string_view name = Between(what, '"', '"');
    if (!IsPlainPath(name)) return false;
    const std::string beside =
        (std::filesystem::path(from).parent_path() / name).string();
    return sources_.contains(beside) && Read(beside);
  }

  const Sources& sources_;
  std::set<std::string> read_;
  std::vector<std::string> headers_;
};

}  // namespace

std::vector<std::string> LeadingHeaders(const Sources& sources,
                                        const std::string& unit) {
  Reader reader(sources);
  reader.Read(unit);
  return std::move(reader).headers();
}

}  // namespace racelab::build
