// What may be asked of a model over HTTP: one table, a row an operation, that all who treat operations differently
// read.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "gateway/row.h"

namespace gateway {

struct EndpointInfo {
  enum class Body : std::uint8_t { json, multipart };
  enum class Meter : std::uint8_t { tokens, images, seconds, characters, searches };
  // What an answer must carry to be one.
  enum class Usable : std::uint8_t { choices, data, text, bytes, results };

  Operation operation;
  std::string_view path;       // after the version: "/chat/completions"; the same at providers of OpenAI's shape
  std::string_view full_path;  // as the log has it
  Body body;
  std::string_view required;  // the member that a body must have beside `model`
  Meter meter;
  bool has_output;  // answers have tokens, whose number is to be bounded, held for and billed
  bool may_stream;
  Usable usable;
  std::string_view default_model = {};  // where the body names none; empty: it must
};

// All of them, in the order of the operations.
std::span<const EndpointInfo> endpoints() noexcept;
const EndpointInfo& info_of(Operation operation) noexcept;
// The same operation in another shape: a path of its own.
struct OtherPath {
  std::string_view path;  // after the version
  SurfaceKind surface;
  Operation operation;      // that the provider is asked for
  bool for_images = false;  // by a chat model
};
std::span<const OtherPath> other_paths() noexcept;
// Null: no operation is served there.
const EndpointInfo* endpoint_at(std::string_view path) noexcept;

}  // namespace gateway
