// A folder of results addressed by what they were made from.
//
// An entry is a folder of files. It is made beside its place (Stage) and
// renamed into it (Commit), so a reader sees all of it or nothing, and two
// processes that make the same entry at once do no harm: the second rename
// fails, and the first one's entry serves both. Entries never change.
//
//   entries/KEY   what was made
//   making/NAME   what is being made
//   locks/KEY     for LockFor
//   claims        a byte for each key and name, locked by whoever works with it
//
// What a process claims, no other one removes. The locks are the kernel's, so a
// claim ends with its process, however that ends, and with nothing else: not
// with an hour that a laptop slept. Where a file system has no locks, ages
// decide.
//
// Thread and process safety: any number of each.

#ifndef RACELAB_BUILD_CACHE_H_
#define RACELAB_BUILD_CACHE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace racelab::build {

class Claims;  // of this process, on one cache

// A folder that is removed with this object, unless it was renamed away, and
// claimed until then.
class Scratch {
 public:
  Scratch(std::filesystem::path path, Claims& claims);
  Scratch(Scratch&& other) noexcept
      : path_(std::move(other.path_)), claims_(other.claims_) {
    other.path_.clear();
  }
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch();
  const std::filesystem::path& path() const { return path_; }
  void Release();

 private:
  std::filesystem::path path_;  // empty: released
  Claims* claims_;
};

class Cache {
 public:
  // Makes the folder if it is missing; readable by its owner only, because it
  // may hold other people's submissions. Also clears away what processes that
  // were killed have left half-made.
  static absl::StatusOr<Cache> Open(const std::filesystem::path& root,
                                    uint64_t max_bytes);

  // The entry's folder, now claimed and marked as used; nothing if there is
  // none.
  std::optional<std::filesystem::path> Find(std::string_view key) const;

  // A fresh empty folder inside the cache.
  absl::StatusOr<Scratch> Stage() const;

  // Puts the staged folder at `key`, claimed, and returns its place there. If
  // the entry exists already, that one stays and the staged one is removed.
  absl::StatusOr<std::filesystem::path> Commit(std::string_view key,
                                               Scratch staged) const;

  // Makes room for another entry in the place of one that is not whole, which
  // Commit() would leave alone.
  void Discard(std::string_view key,
               const std::function<bool(const std::filesystem::path& entry)>&
                   is_whole) const;

  // Removes the least recently used entries until the rest fits, but none that
  // a living process may be running: its claim lasts for an hour, and from then
  // on until it evicts entries itself.
  void Evict() const;

  // Held while something is made that many would otherwise make at once.
  // Waits, but not after sandbox::CancelAll (Cancelled); released with the
  // object, and when its process dies.
  class Lock {
   public:
    explicit Lock(int fd) : fd_(fd) {}
    Lock(Lock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
    Lock& operator=(Lock&&) = delete;
    ~Lock();

   private:
    int fd_;
  };
  absl::StatusOr<Lock> LockFor(std::string_view key) const;

 private:
  Cache(std::filesystem::path root, uint64_t max_bytes, Claims& claims)
      : root_(std::move(root)), max_bytes_(max_bytes), claims_(&claims) {}

  std::filesystem::path root_;
  uint64_t max_bytes_;
  Claims* claims_;
};

// Small files, whole. WriteFile makes the file readable by everybody: the
// sandbox reads it under another uid, behind a private folder.
// ResourceExhausted: the disk is full.
// HasContent: false also of a file that is empty, as a machine that lost its
// power may leave it.
bool HasContent(const std::filesystem::path& path);
absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path);
absl::Status WriteFile(const std::filesystem::path& path,
                       std::string_view content);

// Makes a folder that everybody may enter, and its parents.
absl::Status MakeFolder(const std::filesystem::path& path);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_CACHE_H_
