// What racelab and the sandbox's init say to each other: plain structs, both
// ends from the same build.
//
// racelab → init: a memfd that begins with a Config, followed by the filter
// program, then argv, then env, as strings ending in '\0'. Then, on the status
// socket, an Order at any time. init → racelab, on the same socket (which keeps
// message boundaries): kReady, then kEnded or kFailed.

#ifndef RACELAB_SANDBOX_INIT_PROTOCOL_H_
#define RACELAB_SANDBOX_INIT_PROTOCOL_H_

#include <cstdint>

namespace racelab::sandbox {

// Descriptors that init inherits; 0, 1, 2 and kChannelFd are the command's.
inline constexpr int kStatusFd = 4;
inline constexpr int kConfigFd = 5;
inline constexpr int kInitFd = 6;  // init's own image

struct Config {
  uint32_t uid;  // to drop to; kKeepUid: stay
  uint32_t gid;  // as uid
  uint32_t argc;
  uint32_t envc;
  uint32_t filter_instructions;  // of 8 bytes each
  uint8_t isolated;              // pid 1 of a namespace of its own
  uint8_t has_channel;
  uint8_t address_space;
  uint8_t has_scratch;  // /tmp and /dev/shm are the sandbox's own
  uint32_t processes;   // 0: no limit
  uint32_t open_files;
  uint64_t memory_bytes;
  uint64_t file_bytes;
  double cpu_seconds;
  char cwd[4096];
};
inline constexpr uint32_t kKeepUid = UINT32_MAX;

// How the command ended, as far as init can know.
enum class InitEnd : uint32_t { kExited, kSignalled, kCpuLimit, kMemoryLimit };

struct Report {
  enum class Kind : uint32_t {
    kReady,  // the command has been started
    kEnded,
    kFailed,  // `code` is an errno, `step` says of what
  };
  Kind kind;
  InitEnd end;
  int32_t code;
  char step[32];
  uint64_t cpu_microseconds;
  uint64_t peak_memory;
};

// racelab asks for an early end. The command's end is reported as usual.
enum class Order : uint8_t { kStop = 1 };

}  // namespace racelab::sandbox

#endif  // RACELAB_SANDBOX_INIT_PROTOCOL_H_
