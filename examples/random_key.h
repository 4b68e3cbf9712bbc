// A key for the examples' project.
#pragma once

#include <random>

#include "gateway/api_key.h"

inline gateway::NewApiKey random_key(const char* project) {
  std::random_device device;
  std::array<std::uint8_t, 48> bytes;
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(device());
  return gateway::make_api_key(bytes, project, "example");
}
