// Decodes an answer that came compressed although nobody requested it: RFC 9110, 8.4.1.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "gateway/upstream.h"

struct z_stream_s;

namespace gateway::curl {

enum class Coding : std::uint8_t { none, gzip, deflate, unknown };
// Of a content-encoding field's value.
Coding coding_of(std::string_view content_encoding) noexcept;

class Inflater {
 public:
  enum class State : std::uint8_t {
    more,       // all input was used
    paused,     // the sink requested it; the rest of the input is stored for the next run
    damaged,    // the input is not what it is declared to be
    too_large,  // more came out than allowed
  };
  using Sink = std::function<Flow(std::string_view)>;

  Inflater(Coding coding, std::size_t max_decoded);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Decodes what was kept and then `bytes`, through `room`, into the sink.
  State run(std::string_view bytes, std::span<char> room, const Sink& sink);
  // Whether the input ended where the compressed data do. True also when there was none at all.
  bool whole() const noexcept { return whole_ && kept_.empty(); }

 private:
  State decode(std::string_view bytes, std::span<char> room, const Sink& sink, std::size_t& used);

  Coding coding_;
  std::size_t allowance_;
  std::unique_ptr<z_stream_s> z_;
  std::string kept_;
  bool started_ = false;
  bool whole_ = true;
  bool owing_ = false;  // more may come out without further input
};

}  // namespace gateway::curl
