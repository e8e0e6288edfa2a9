#include "build/linkage_names.h"

#include <cxxabi.h>
#include <stdlib.h>

#include <string>
#include <string_view>
#include <utility>

namespace racelab::build {
namespace {

// Without inline namespaces that only versions are called by.
std::string Demangle(const std::string& symbol) {
  int status = 0;
  char* text = abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status);
  if (status != 0 || text == nullptr) return symbol;
  std::string name = text;
  free(text);
  for (const std::string_view version :
       {"std::__cxx11::", "absl::debian3::", "absl::lts_20220623::"}) {
    const std::string_view kept = version.substr(0, version.find("::") + 2);
    for (size_t at; (at = name.find(version)) != std::string::npos;) {
      name.replace(at, version.size(), kept);
    }
  }
  return name;
}

// "std::mutex::lock" of "void std::mutex::lock<int>(int)": no return type, no
// template arguments of the last part, no parameters.
std::string Qualified(const std::string& demangled) {
  std::string name = demangled;
  for (size_t at;
       (at = name.find("(anonymous namespace)")) != std::string::npos;) {
    name.replace(at, 21, "{anonymous}");
  }
  int depth = 0;
  size_t begin = 0, end = name.size();
  for (size_t i = 0; i < name.size(); ++i) {
    // "operator<", "operator->", "operator()" bring brackets of their own.
    if (name.compare(i, 8, "operator") == 0 && depth == 0) {
      end = name.find('(', i + 8);
      if (end != std::string::npos && name.compare(end, 2, "()") == 0) {
        end = name.find('(', end + 2);
      }
      if (end == std::string::npos) end = name.size();
      break;
    }
    if (name[i] == '<') ++depth;
    if (name[i] == '>') --depth;
    if (depth != 0) continue;
    if (name[i] == ' ') begin = i + 1;
    if (name[i] == '(') {
      end = i;
      break;
    }
  }
  return name.substr(begin, end - begin);
}

}  // namespace

std::string QualifiedName(const std::string& symbol) {
  return Qualified(Demangle(symbol));
}

std::string Readable(const std::string& symbol) {
  std::string name = QualifiedName(symbol);
  // The classes that people know, not those that libstdc++ makes them of.
  static constexpr std::pair<std::string_view, std::string_view> kKnownAs[] = {
      {"std::__atomic_base", "std::atomic"},
      {"std::__atomic_float", "std::atomic"},
      {"std::__atomic_ref", "std::atomic_ref"},
      {"std::__atomic_impl", "std::atomic"},
      {"std::__platform_semaphore", "std::counting_semaphore"},
      {"std::__atomic_semaphore", "std::counting_semaphore"},
      {"std::__shared_mutex_pthread", "std::shared_mutex"},
      {"std::__shared_mutex_cv", "std::shared_mutex"},
      {"std::__mutex_base", "std::mutex"},
      {"std::__recursive_mutex_base", "std::recursive_mutex"},
      {"std::_V2::", "std::"},
  };
  for (const auto& [inner, known] : kKnownAs) {
    if (name.starts_with(inner)) name.replace(0, inner.size(), known);
  }
  if (const size_t op = name.find("::operator "); op != std::string::npos) {
    if (const size_t end = name.find('(', op); end != std::string::npos) {
      name.resize(end);
    }
  }
  // Template arguments say nothing to a student.
  std::string kept;
  int depth = 0;
  for (size_t i = 0; i < name.size(); ++i) {
    if (name.compare(i, 8, "operator") == 0 && depth == 0) {
      return kept + name.substr(i);
    }
    if (name[i] == '<') ++depth;
    if (depth == 0) kept += name[i];
    if (name[i] == '>') --depth;
  }
  return kept;
}

}  // namespace racelab::build
