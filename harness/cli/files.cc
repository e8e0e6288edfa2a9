#include "cli/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>
#include <vector>

#include "manifest/text.h"

namespace racelab::cli {

namespace fs = std::filesystem;
using manifest::Cat;

namespace {

absl::Status Denied(const fs::path& path, int code) {
  return absl::PermissionDeniedError(
      Cat(path.string(), " cannot be written: ", strerror(code)));
}

bool WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t wrote = write(fd, content.data(), content.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    content.remove_prefix(static_cast<size_t>(wrote));
  }
  return true;
}

// The mixing step of splitmix64 (Steele, Lea, Flood, OOPSLA 2014).
uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

absl::Status WriteWhole(const fs::path& file, std::string_view content) {
  std::error_code error;
  if (file.has_parent_path()) {
    fs::create_directories(file.parent_path(), error);
    if (error) return Denied(file.parent_path(), error.value());
  }
  // mkostemp() puts a name that is free in the place of the X.
  std::string beside = Cat(file.string(), ".XXXXXX");
  const int fd = mkostemp(beside.data(), O_CLOEXEC);
  if (fd < 0) return Denied(file, errno);
  // It can only be asked by changing it: once, not by two threads at a time.
  static const mode_t mask = [] {
    const mode_t now = umask(0);
    umask(now);
    return now;
  }();
  bool ok = WriteAll(fd, content) && fchmod(fd, 0666 & ~mask) == 0;
  int code = errno;
  if (close(fd) != 0 && ok) {
    ok = false;
    code = errno;
  }
  if (ok && rename(beside.c_str(), file.c_str()) != 0) {
    ok = false;
    code = errno;
  }
  if (!ok) {
    unlink(beside.c_str());
    return Denied(file, code);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadWhole(const fs::path& file) {
  std::error_code error;
  std::ifstream in(file, std::ios::binary);
  if (!in.is_open() || fs::is_directory(file, error)) {
    return absl::NotFoundError(Cat(file.string(), " cannot be read"));
  }
  std::ostringstream content;
  content << in.rdbuf();
  return std::move(content).str();
}

absl::Status CheckWritable(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return Denied(folder, error.value());
  // As above: the X are mkostemp()'s to replace.
  std::string probe = (folder / ".racelab-XXXXXX").string();
  const int fd = mkostemp(probe.data(), O_CLOEXEC);
  if (fd < 0) return Denied(folder, errno);
  close(fd);
  unlink(probe.c_str());
  return absl::OkStatus();
}

void Digest::Add(std::string_view bytes) {
  const auto word = [this](uint64_t w) {
    a_ = Mix(a_ ^ w);
    b_ = std::rotl(b_, 23) * 0x2545f4914f6cdd1d + Mix(w + a_);
  };
  word(bytes.size());
  while (bytes.size() >= 8) {
    uint64_t w;
    std::memcpy(&w, bytes.data(), 8);
    word(w);
    bytes.remove_prefix(8);
  }
  uint64_t last = 0;
  std::memcpy(&last, bytes.data(), bytes.size());
  word(last);
}

void Digest::AddFolder(const fs::path& folder, bool (*takes)(const fs::path&)) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; it != end;
       it.increment(error)) {
    if (error) break;
    const fs::path file = it->path().lexically_relative(folder);
    if (it->is_regular_file(error) && (takes == nullptr || takes(file))) {
      files.push_back(file);
    }
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    Add(file.string());
    Add(ReadWhole(folder / file).value_or(""));
  }
}

std::string Digest::Hex() const {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx",
                static_cast<unsigned long long>(Mix(a_)),
                static_cast<unsigned long long>(Mix(b_ ^ a_)));
  return text;
}

}  // namespace racelab::cli
