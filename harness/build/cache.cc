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
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "build/sha256.h"
#include "sandbox/sandbox.h"

namespace racelab::build {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::hours kInUse(1);

absl::Status Failed(const char* what, const fs::path& path, int error) {
  const std::string message =
      absl::StrCat("cannot ", what, " ", path.string(), ": ", strerror(error));
  if (error == ENOSPC || error == EDQUOT) {
    return absl::ResourceExhaustedError(message);
  }
  return absl::InternalError(message);
}

int OpenClaims(const fs::path& root) {
  return open((root / "claims").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

// Sets or removes a lock on the name's byte, for all who share the open file;
// an errno tells why not.
bool SetLock(int fd, int command, short type, std::string_view name) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(
      std::stoull(Sha256().Add(name).Hex().substr(0, 15), nullptr, 16));
  lock.l_len = 1;
  int done;
  do {
    done = fcntl(fd, command, &lock);
  } while (done != 0 && errno == EINTR);
  return done == 0;
}

bool IsOld(const fs::path& path) {
  std::error_code gone;
  const auto time = fs::last_write_time(path, gone);
  return !gone && fs::file_time_type::clock::now() - time > kInUse;
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

// Takes names that nobody has claimed, this process's other threads included:
// an open file of its own.
class Taker {
 public:
  explicit Taker(const fs::path& root) : fd_(OpenClaims(root)) {}
  Taker(const Taker&) = delete;
  Taker& operator=(const Taker&) = delete;
  ~Taker() {
    if (fd_ >= 0) close(fd_);
  }
  enum class Answer { kTaken, kClaimed, kUnknown };
  Answer Take(std::string_view name) const {
    if (fd_ < 0) return Answer::kClaimed;
    if (SetLock(fd_, F_OFD_SETLK, F_WRLCK, name)) return Answer::kTaken;
    return errno == EAGAIN || errno == EACCES ? Answer::kClaimed
                                              : Answer::kUnknown;
  }
  void GiveBack(std::string_view name) const {
    SetLock(fd_, F_OFD_SETLK, F_UNLCK, name);
  }

 private:
  const int fd_;
};

}  // namespace

class Claims {
 public:
  // One for each cache and process, never destroyed: an entry is used for
  // longer than the Cache object that found it.
  static absl::StatusOr<Claims*> Of(const fs::path& root);

  // Waits while somebody removes the entry.
  void ClaimEntry(std::string_view key) {
    const std::lock_guard<std::mutex> lock(mutex_);
    SetLock(fd_, F_OFD_SETLKW, F_RDLCK, key);
    entries_[std::string(key)] = Clock::now();
  }
  void DropOldEntries() {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::erase_if(entries_, [this](const auto& claim) {
      const auto& [key, time] = claim;
      if (Clock::now() - time <= kInUse) return false;
      SetLock(fd_, F_OFD_SETLK, F_UNLCK, key);
      return true;
    });
  }

  // Of a folder in making/: it has one owner.
  void ClaimStaged(const fs::path& folder) {
    SetLock(fd_, F_OFD_SETLKW, F_RDLCK, NameOfStaged(folder));
  }
  void DropStaged(const fs::path& folder) {
    SetLock(fd_, F_OFD_SETLK, F_UNLCK, NameOfStaged(folder));
  }
  static std::string NameOfStaged(const fs::path& folder) {
    return "making/" + folder.filename().string();
  }

 private:
  using Clock = std::chrono::steady_clock;

  explicit Claims(int fd) : fd_(fd) {}

  const int fd_;
  std::mutex mutex_;
  std::map<std::string, Clock::time_point> entries_;  // guarded by mutex_
};

absl::StatusOr<Claims*> Claims::Of(const fs::path& root) {
  static std::mutex mutex;
  // By the file itself: a cache may be deleted and made anew. Guarded by mutex.
  static std::map<std::pair<dev_t, ino_t>, Claims*>& all =
      *new std::map<std::pair<dev_t, ino_t>, Claims*>;
  const int fd = OpenClaims(root);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) {
    return Failed("open", root / "claims", errno);
  }
  const std::lock_guard<std::mutex> lock(mutex);
  Claims*& claims = all[{status.st_dev, status.st_ino}];
  if (claims == nullptr) {
    claims = new Claims(fd);
  } else {
    close(fd);
  }
  return claims;
}

Scratch::Scratch(fs::path path, Claims& claims)
    : path_(std::move(path)), claims_(&claims) {
  claims_->ClaimStaged(path_);
}

Scratch::~Scratch() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  Release();
}

void Scratch::Release() {
  claims_->DropStaged(path_);
  path_.clear();
}

absl::StatusOr<Cache> Cache::Open(const fs::path& root, uint64_t max_bytes) {
  std::error_code error;
  const bool made = fs::create_directories(root, error);
  for (const char* part : {"entries", "making", "locks"}) {
    fs::create_directories(root / part, error);
    if (error) return Failed("make the folder", root / part, error.value());
  }
  if (made) chmod(root.c_str(), 0700);
  auto claims = Claims::Of(root);
  if (!claims.ok()) return claims.status();
  const Taker taker(root);
  for (fs::directory_iterator it(root / "making", error), end;
       !error && it != end; it.increment(error)) {
    std::error_code gone;
    if (IsOld(it->path()) && taker.Take(Claims::NameOfStaged(it->path())) !=
                                 Taker::Answer::kClaimed) {
      fs::remove_all(it->path(), gone);
    }
  }
  return Cache(fs::absolute(root), max_bytes, **claims);
}

std::optional<fs::path> Cache::Find(std::string_view key) const {
  const fs::path entry = root_ / "entries" / key;
  // First, or it might be removed between the question and the claim.
  claims_->ClaimEntry(key);
  // Both asks and marks: what eviction looks at is the folder's own time.
  if (utimensat(AT_FDCWD, entry.c_str(), nullptr, 0) != 0) return std::nullopt;
  return entry;
}

absl::StatusOr<Scratch> Cache::Stage() const {
  for (;;) {
    // mkdtemp() puts a name that is free in the place of the X.
    std::string name = root_ / "making" / "XXXXXX";
    if (mkdtemp(name.data()) == nullptr) return Failed("make", name, errno);
    Scratch scratch(name, *claims_);
    if (chmod(name.c_str(), 0755) == 0) return scratch;
    // Gone: somebody cleared it away before it was claimed.
    if (errno != ENOENT) return Failed("make", name, errno);
  }
}

absl::StatusOr<fs::path> Cache::Commit(std::string_view key,
                                       Scratch staged) const {
  const fs::path entry = root_ / "entries" / key;
  claims_->ClaimEntry(key);
  if (rename(staged.path().c_str(), entry.c_str()) == 0) {
    staged.Release();
    return entry;
  }
  if (errno != EEXIST && errno != ENOTEMPTY) {
    return Failed("make the cache entry", entry, errno);
  }
  return entry;
}

void Cache::Discard(
    std::string_view key,
    const std::function<bool(const fs::path&)>& is_whole) const {
  // Who else found it damaged may have replaced it by now.
  const auto lock = LockFor(key);
  const auto entry = Find(key);
  if (!lock.ok() || !entry || is_whole(*entry)) return;
  const auto grave = Stage();
  std::error_code ignored;
  if (grave.ok()) fs::rename(*entry, grave->path() / "damaged", ignored);
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
  if (total <= max_bytes_) return;
  claims_->DropOldEntries();
  const auto grave = Stage();
  if (!grave.ok()) return;
  const Taker taker(root_);
  for (const Entry& entry : entries) {
    if (total <= max_bytes_) return;
    const std::string key = entry.path.filename();
    const Taker::Answer answer = taker.Take(key);
    if (answer == Taker::Answer::kClaimed ||
        (answer == Taker::Answer::kUnknown && !IsOld(entry.path))) {
      continue;
    }
    // Away first, in one step: nobody finds it half removed.
    if (rename(entry.path.c_str(), (grave->path() / key).c_str()) == 0) {
      total -= entry.bytes;
    }
    taker.GiveBack(key);
  }
}

absl::StatusOr<Cache::Lock> Cache::LockFor(std::string_view key) const {
  const fs::path path = root_ / "locks" / key;
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return Failed("open", path, errno);
  Lock lock(fd);
  // Asks again and again: a signal wakes only one thread of a program.
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return Failed("lock", path, errno);
    }
    if (sandbox::Cancelled()) return absl::CancelledError("interrupted");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return lock;
}

Cache::Lock::~Lock() {
  if (fd_ >= 0) close(fd_);
}

bool HasContent(const fs::path& file) {
  std::error_code error;
  const uintmax_t size = fs::file_size(file, error);
  return !error && size > 0;
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
  // One more, to see that it ends there; of some files the size says nothing.
  content.resize(status.st_size + 1);
  size_t have = 0;
  for (;;) {
    if (have == content.size()) content.resize(2 * have);
    const ssize_t got = read(fd, content.data() + have, content.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int reason = errno;
      close(fd);
      return Failed("read", path, reason);
    }
    if (got == 0) break;
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
