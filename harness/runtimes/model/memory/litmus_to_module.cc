// litmus_to_module DIRECTORY OUTPUT: writes the litmus suite as a scenario.

#include <cstdio>
#include <fstream>

#include "runtimes/model/memory/litmus.h"
#include "runtimes/model/memory/litmus_module.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: litmus_to_module DIRECTORY OUTPUT\n", stderr);
    return 2;
  }
  const auto tests = racelab::model::ReadLitmusDirectory(argv[1]);
  if (!tests.ok()) {
    std::fprintf(stderr, "%s\n", tests.status().ToString().c_str());
    return 1;
  }
  std::ofstream file(argv[2]);
  file << racelab::model::ToModule(*tests);
  file.close();
  if (!file) {
    std::fprintf(stderr, "cannot write %s\n", argv[2]);
    return 1;
  }
  return 0;
}
