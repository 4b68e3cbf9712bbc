// Outputs that are compared with files in tests/apps/cli/golden. GATEWAY_WRITE_GOLDEN=1 writes them instead.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "support/catch.h"
#include "support/source_dir.h"

inline void check_golden(const std::string& name, const std::string& text) {
  const std::string path = source_dir() + "/tests/apps/cli/golden/" + name + ".txt";
  if (std::getenv("GATEWAY_WRITE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(file), {}};
  INFO("golden " << name);
  CHECK(text == expected);
}
