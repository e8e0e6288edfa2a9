#include "build/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace racelab::build {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::hours kInUse(1);

absl::Status Failed(const char* what, const fs::path& path, int error) {
  return absl::InternalError(
      absl::StrCat("cannot ", what, " ", path.string(), ": ", strerror(error)));
}

uint64_t SizeOf(const fs::path& folder) {
  uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end;
       !error && it != end; it.increment(error)) {
    if (it->is_regular_file(error)) bytes += it->file_size(error);
  }
  return bytes;
}

}  // namespace

Scratch::~Scratch() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

absl::StatusOr<Cache> Cache::Open(const fs::path& root, uint64_t max_bytes) {
  std::error_code error;
  const bool made = fs::create_directories(root, error);
  for (const char* part : {"entries", "making", "locks"}) {
    fs::create_directories(root / part, error);
    if (error) return Failed("make the folder", root / part, error.value());
  }
  if (made) chmod(root.c_str(), 0700);
  const auto now = fs::file_time_type::clock::now();
  for (fs::directory_iterator it(root / "making", error), end;
       !error && it != end; it.increment(error)) {
    std::error_code gone;
    const auto time = it->last_write_time(gone);
    if (!gone && now - time > kInUse) fs::remove_all(it->path(), gone);
  }
  return Cache(fs::absolute(root), max_bytes);
}

std::optional<fs::path> Cache::Find(std::string_view key) const {
  const fs::path entry = root_ / "entries" / key;
  // Both asks and marks: what eviction looks at is the folder's own time.
  if (utimensat(AT_FDCWD, entry.c_str(), nullptr, 0) != 0) return std::nullopt;
  return entry;
}

absl::StatusOr<Scratch> Cache::Stage() const {
  // mkdtemp() puts a name that is free in the place of the X.
  std::string name = root_ / "making" / "XXXXXX";
  if (mkdtemp(name.data()) == nullptr) return Failed("make", name, errno);
  chmod(name.c_str(), 0755);
  return Scratch(name);
}

absl::StatusOr<fs::path> Cache::Commit(std::string_view key,
                                       Scratch staged) const {
  const fs::path entry = root_ / "entries" / key;
  if (rename(staged.path().c_str(), entry.c_str()) == 0) {
    staged.Release();
    return entry;
  }
  if (errno != EEXIST && errno != ENOTEMPTY) {
    return Failed("make the cache entry", entry, errno);
  }
  return entry;
}

void Cache::Evict() const {
  struct Entry {
    fs::path path;
    fs::file_time_type used;
    uint64_t bytes;
  };
  std::vector<Entry> entries;
  uint64_t total = 0;
  std::error_code error;
  for (fs::directory_iterator it(root_ / "entries", error), end;
       !error && it != end; it.increment(error)) {
    std::error_code gone;
    Entry entry{it->path(), it->last_write_time(gone), SizeOf(it->path())};
    if (gone) continue;
    total += entry.bytes;
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.used < b.used; });
  const auto now = fs::file_time_type::clock::now();
  for (const Entry& entry : entries) {
    if (total <= max_bytes_ || now - entry.used < kInUse) return;
    // Away first, in one step: nobody finds it half removed.
    auto grave = Stage();
    if (!grave.ok()) return;
    if (rename(entry.path.c_str(), (grave->path() / "old").c_str()) == 0) {
      total -= entry.bytes;
    }
  }
}

absl::StatusOr<Cache::Lock> Cache::LockFor(std::string_view key) const {
  const fs::path path = root_ / "locks" / key;
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return Failed("open", path, errno);
  while (flock(fd, LOCK_EX) != 0) {
    if (errno != EINTR) {
      const int reason = errno;
      close(fd);
      return Failed("lock", path, reason);
    }
  }
  return Lock(fd);
}

Cache::Lock::~Lock() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<std::string> ReadFile(const fs::path& path) {
  // Never through a link: what a sandboxed compiler wrote may be one.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    return errno == ENOENT ? absl::NotFoundError(
                                 absl::StrCat(path.string(), " does not exist"))
                           : Failed("read", path, errno);
  }
  struct stat status;
  std::string content;
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(fd);
    return absl::InvalidArgumentError(
        absl::StrCat(path.string(), " is not a regular file"));
  }
  content.resize(status.st_size);
  size_t have = 0;
  while (have < content.size()) {
    const ssize_t got = read(fd, content.data() + have, content.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    have += got;
  }
  close(fd);
  content.resize(have);
  return content;
}

absl::Status WriteFile(const fs::path& path, std::string_view content) {
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
           0644);
  if (fd < 0) return Failed("write", path, errno);
  fchmod(fd, 0644);
  while (!content.empty()) {
    const ssize_t put = write(fd, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      const int reason = errno;
      close(fd);
      return Failed("write", path, reason);
    }
    content.remove_prefix(put);
  }
  if (close(fd) != 0) return Failed("write", path, errno);
  return absl::OkStatus();
}

absl::Status MakeFolder(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return absl::OkStatus();
  if (path.has_parent_path()) {
    if (absl::Status made = MakeFolder(path.parent_path()); !made.ok()) {
      return made;
    }
  }
  if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) {
    return Failed("make the folder", path, errno);
  }
  chmod(path.c_str(), 0755);
  return absl::OkStatus();
}

}  // namespace racelab::build
