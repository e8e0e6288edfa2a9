#include "sandbox/syscall_filter.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace racelab::sandbox {
namespace {

// What no lab and no compiler needs.
constexpr const char* kRefused[] = {
    // other processes' memory and descriptors
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_getfd",
    "kcmp",
    "process_madvise",
    // the kernel's keyring: not namespaced
    "add_key",
    "keyctl",
    "request_key",
    // mounts and namespaces
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "setns",
    "unshare",
    "name_to_handle_at",
    "open_by_handle_at",
    // large attack surfaces
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "fanotify_init",
    "modify_ldt",
    "vmsplice",
    "memfd_secret",
    "landlock_create_ruleset",
    // the machine
    "acct",
    "clock_settime",
    "settimeofday",
    "clock_adjtime",
    "adjtimex",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "swapon",
    "swapoff",
    "syslog",
    "quotactl",
    "quotactl_fd",
    "iopl",
    "ioperm",
    "sethostname",
    "setdomainname",
    "vhangup",
    "lookup_dcookie",
    "nfsservctl",
    "_sysctl",
    "uselib",
    "ustat",
    "sysfs",
    // queues outlive their makers and are no memory that we count
    "mq_open",
    "msgget",
    "semget",
};

constexpr const char* kSharedMemory[] = {"memfd_create", "shmget", "shmat"};

class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_ALLOW)) {}
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;
  ~Filter() { seccomp_release(context_); }

  // A call that this version of libseccomp does not know is one that we can't
  // name; its successor in the list is still added.
  void Refuse(const char* name, int error) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) return;
    Check(seccomp_rule_add(context_, SCMP_ACT_ERRNO(error), number, 0));
  }

  void RefuseIf(const char* name, scmp_arg_cmp condition) {
    const int number = seccomp_syscall_resolve_name(name);
    Check(seccomp_rule_add_array(context_, SCMP_ACT_ERRNO(EPERM), number, 1,
                                 &condition));
  }

  absl::StatusOr<std::string> Export() {
    if (context_ == nullptr) return absl::InternalError("seccomp_init failed");
    if (error_ != 0) {
      return absl::InternalError(absl::StrCat("libseccomp: error ", error_));
    }
    const int fd = memfd_create("filter", MFD_CLOEXEC);
    if (fd < 0) return absl::ErrnoToStatus(errno, "memfd_create");
    std::string program;
    if (const int error = seccomp_export_bpf(context_, fd); error != 0) {
      close(fd);
      return absl::InternalError(absl::StrCat("seccomp_export_bpf: ", error));
    }
    program.resize(lseek(fd, 0, SEEK_END));
    const ssize_t got = pread(fd, program.data(), program.size(), 0);
    close(fd);
    if (got != static_cast<ssize_t>(program.size())) {
      return absl::InternalError("the system call filter was cut short");
    }
    return program;
  }

 private:
  void Check(int result) {
    if (result != 0 && error_ == 0) error_ = result;
  }

  scmp_filter_ctx context_;
  int error_ = 0;
};

}  // namespace

absl::StatusOr<std::string> MakeFilter(const FilterOptions& options) {
  Filter filter;
  for (const char* name : kRefused) filter.Refuse(name, EPERM);
  if (!options.allow_shared_memory) {
    for (const char* name : kSharedMemory) filter.Refuse(name, EPERM);
  }

  // Sockets between the command's own threads and processes only.
  filter.RefuseIf("socket", SCMP_A0(SCMP_CMP_NE, AF_UNIX, 0));
  // Pushing characters into the terminal that started us.
  filter.RefuseIf("ioctl", SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, TIOCSTI));
  filter.RefuseIf("ioctl", SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, TIOCLINUX));

  // Signals to everybody, or to one's own group, hit the runner too, whose end
  // looks like the machine's fault.
  for (const uint32_t everybody : {0u, 0xffffffffu}) {
    filter.RefuseIf("kill", SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, everybody));
  }

  // A runner re-executes itself without address randomization; asking for the
  // present personality (0xffffffff) is harmless. Every other bit is refused.
  for (uint32_t bit = 1; bit != 0; bit <<= 1) {
    if (bit == ADDR_NO_RANDOMIZE) continue;
    // A query has every bit set: let it pass by looking for this bit alone,
    // with the highest one, which no personality uses, clear.
    if (bit == 0x80000000u) continue;
    filter.RefuseIf("personality",
                    SCMP_A0(SCMP_CMP_MASKED_EQ, 0x80000000u | bit, bit));
  }

  // clone3 keeps its flags in memory, where a filter can't look: libc falls
  // back to clone.
  filter.Refuse("clone3", ENOSYS);
  constexpr uint64_t kNamespaces[] = {
      CLONE_NEWNS,  CLONE_NEWUTS, CLONE_NEWIPC,   CLONE_NEWUSER,
      CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWCGROUP};
  if (options.allow_processes) {
    for (const uint64_t flag : kNamespaces) {
      filter.RefuseIf("clone", SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag));
    }
  } else {
    filter.Refuse("fork", EPERM);
    filter.Refuse("vfork", EPERM);
    filter.RefuseIf("clone", SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
  }
  return filter.Export();
}

}  // namespace racelab::sandbox
