#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "whose_memory.h"

bool SharedWithThread(Place place) {
  return place != Place::kThreadLocal && place != Place::kRegister;
}

bool SharedWithChild(Place place) { return place == Place::kFileOffset; }

// The child is another program, so it has nothing of our memory, not even a
// copy: the text must be sent, too.
int CountInChild(const std::string& text, char wanted) {
  int to_child[2];
  int from_child[2];
  if (pipe2(to_child, O_CLOEXEC) != 0) return -1;
  if (pipe2(from_child, O_CLOEXEC) != 0) return -1;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to_child[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from_child[1], STDOUT_FILENO);
  // In octal: for tr, and for the shell, some characters are special.
  const int code = static_cast<unsigned char>(wanted);
  std::string script = "tr -cd '\\";
  for (const int digit : {code / 64, code / 8 % 8, code % 8}) {
    script += static_cast<char>('0' + digit);
  }
  script += "' | wc -c";
  char shell[] = "sh";
  char option[] = "-c";
  char* arguments[] = {shell, option, script.data(), nullptr};
  char* environment[] = {nullptr};
  pid_t child = -1;
  const bool started = posix_spawn(&child, "/bin/sh", &actions, nullptr,
                                   arguments, environment) == 0;
  posix_spawn_file_actions_destroy(&actions);
  close(to_child[0]);
  close(from_child[1]);
  // The child writes its number when it has read all of this.
  for (size_t sent = 0; started && sent < text.size();) {
    const ssize_t now =
        write(to_child[1], text.data() + sent, text.size() - sent);
    if (now <= 0) break;
    sent += static_cast<size_t>(now);
  }
  close(to_child[1]);
  std::string number;
  char digit;
  while (started && read(from_child[0], &digit, 1) == 1) number += digit;
  close(from_child[0]);
  if (started) waitpid(child, nullptr, 0);
  return number.empty() ? -1 : std::atoi(number.c_str());
}
