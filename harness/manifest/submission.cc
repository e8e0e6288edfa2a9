#include "manifest/submission.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "manifest/text.h"
namespace racelab::manifest {
namespace {

namespace fs = std::filesystem;

// A file descriptor that closes itself.
class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  void Reset(int fd) {
    if (fd_ >= 0) close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

// Reads base/path, following no link below `base`. NotFound if it is not there.
absl::StatusOr<std::string> ReadBelow(const fs::path& base,
                                      std::string_view path) {
  const std::string shown = (base / path).string();
  const auto refuse = [&shown](int code) -> absl::Status {
    if (code == ELOOP || code == ENOTDIR) {
      return absl::InvalidArgumentError(
          Cat(shown,
              " is, or lies behind, a symbolic link or something that is "
              "no folder; hand in plain files"));
    }
    if (code == ENOENT) {
      return absl::NotFoundError(Cat(shown, " does not exist"));
    }
    const std::string why = Cat(shown, " cannot be read: ", strerror(code));
    // These are nobody's who handed it in.
    const bool machine = code == EMFILE || code == ENFILE || code == EIO ||
                         code == ENOMEM || code == ESTALE;
    return machine ? absl::UnavailableError(why)
                   : absl::InvalidArgumentError(why);
  };
  Fd at(open(base.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!at.ok()) return refuse(errno);
  const std::vector<std::string_view> parts = Split(path, '/');
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    const int next = openat(at.get(), std::string(parts[i]).c_str(),
                            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0) return refuse(errno);
    at.Reset(next);
  }
  // O_NONBLOCK: opening a named pipe must not wait for a writer.
  Fd file(openat(at.get(), std::string(parts.back()).c_str(),
                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.ok()) return refuse(errno);
  struct stat info;
  if (fstat(file.get(), &info) != 0) return refuse(errno);
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(
        Cat(shown, " is no plain file; hand in plain files"));
  }
  std::string content;
  char buffer[1 << 14];
  for (;;) {
    const ssize_t got = read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refuse(errno);
    if (got == 0) break;
    content.append(buffer, static_cast<size_t>(got));
    if (content.size() > kMaxFileSize) {
      return absl::InvalidArgumentError(
          Cat(shown, " is larger than ", kMaxFileSize / 1024,
              " KiB, which is the most that is taken"));
    }
  }
  return content;
}

bool IsFolder(const fs::path& path) {
  struct stat info;
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// The lab's editable files below base/prefix.
absl::StatusOr<Files> TakeFrom(const Lab& lab, const fs::path& base,
                               std::string_view prefix) {
  Files files;
  std::vector<std::string> missing;
  for (const std::string& name : lab.editable) {
    const std::string path = Cat(prefix, "student/", name);
    absl::StatusOr<std::string> content = ReadBelow(base, path);
    if (content.ok()) {
      files[name] = *std::move(content);
    } else if (absl::IsNotFound(content.status())) {
      missing.push_back(path);
    } else {
      return content.status();
    }
  }
  if (!missing.empty()) {
    return absl::FailedPreconditionError(
        Cat("the submission for ", lab.name, " lacks ", Join(missing, ", "),
            " (looked for in ", base.string(),
            "); hand in every editable file, changed or not"));
  }
  return files;
}

}  // namespace

absl::StatusOr<Files> TakeSubmission(const Lab& lab, const fs::path& dir,
                                     bool single_lab) {
  std::error_code error;
  if (!fs::is_directory(dir, error)) {
    return absl::InvalidArgumentError(
        Cat("the submission ", dir.string(), " is no folder"));
  }
  struct stat info;
  if (lstat((dir / lab.name).c_str(), &info) == 0) {
    return TakeFrom(lab, dir, Cat(lab.name, "/"));
  }
  if (single_lab && lstat((dir / "student").c_str(), &info) == 0) {
    return TakeFrom(lab, dir, "");
  }
  std::string message = Cat(
      "the submission ", dir.string(), " holds nothing for ", lab.name,
      ": put its editable files at ", lab.name, "/student/", lab.editable[0]);
  if (single_lab) {
    Append(message, " or student/", lab.editable[0]);
  }
  return absl::NotFoundError(message);
}

absl::StatusOr<Files> TakeStarter(const Lab& lab) {
  return TakeFrom(lab, lab.directory, "");
}

absl::StatusOr<Files> TakeAnswer(const Lab& lab, const Files& starter,
                                 const fs::path& directory) {
  Files files = starter;
  if (!IsFolder(directory)) {
    return absl::NotFoundError(Cat(directory.string(), " does not exist"));
  }
  const std::set<std::string> editable(lab.editable.begin(),
                                       lab.editable.end());
  size_t taken = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_directory()) continue;
    const std::string name =
        entry.path().lexically_relative(directory).string();
    if (name == "expect.toml" || name == "accept.toml") continue;
    if (!editable.contains(name)) {
      return absl::InvalidArgumentError(
          Cat(entry.path().string(), ": ", lab.manifest_shown.string(),
              " does not list \"", name, "\" as editable"));
    }
    absl::StatusOr<std::string> content = ReadBelow(directory, name);
    if (!content.ok()) return content.status();
    files[name] = *std::move(content);
    ++taken;
  }
  if (taken == 0) {
    return absl::InvalidArgumentError(
        Cat(directory.string(),
            " holds none of the editable files: ", Join(lab.editable, ", ")));
  }
  return files;
}

}  // namespace racelab::manifest
