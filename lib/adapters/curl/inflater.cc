#include "adapters/curl/inflater.h"

#include <zlib.h>

#include <algorithm>
#include <climits>
#include <cstddef>

#include "gateway/headers.h"
#include "gateway/result.h"

namespace gateway::curl {
namespace {
constexpr int kGzipOrZlib = 15 + 32;  // inflateInit2: the largest window, and it looks at the header which it is
constexpr int kRaw = -15;
}  // namespace

Coding coding_of(std::string_view value) noexcept {
  while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
  if (value.empty() || equal_ignoring_case(value, "identity")) return Coding::none;
  if (equal_ignoring_case(value, "gzip") || equal_ignoring_case(value, "x-gzip")) return Coding::gzip;
  if (equal_ignoring_case(value, "deflate")) return Coding::deflate;
  return Coding::unknown;
}

Inflater::Inflater(Coding coding, std::size_t max_decoded)
    : coding_(coding), allowance_(max_decoded), z_(std::make_unique<z_stream_s>()) {
  if (inflateInit2(z_.get(), kGzipOrZlib) != Z_OK) detail::die("zlib cannot start");
}

Inflater::~Inflater() { inflateEnd(z_.get()); }

Inflater::State Inflater::run(std::string_view bytes, std::span<char> room, const Sink& sink) {
  std::string joined;
  if (!kept_.empty()) {
    joined.swap(kept_);
    bytes = joined.append(bytes);
  }
  if (!started_ && bytes.size() < 2) {  // what it is cannot be seen yet
    kept_ = std::string(bytes);
    return State::more;
  }
  while (!bytes.empty() || owing_) {
    std::size_t used = 0;
    const State state = decode(bytes.substr(0, INT_MAX), room, sink, used);
    bytes.remove_prefix(used);
    if (state == State::paused) kept_ = std::string(bytes);
    if (state != State::more) return state;
  }
  return State::more;
}

Inflater::State Inflater::decode(std::string_view bytes, std::span<char> room, const Sink& sink, std::size_t& used) {
  if (whole_ && started_ && inflateReset(z_.get()) != Z_OK) return State::damaged;  // another member follows
  z_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z_->avail_in = static_cast<uInt>(bytes.size());
  const bool first = !started_;
  started_ = true;
  whole_ = false;
  for (;;) {
    z_->next_out = reinterpret_cast<Bytef*>(room.data());
    z_->avail_out = static_cast<uInt>(room.size());
    int code = inflate(z_.get(), Z_NO_FLUSH);
    // Some servers send "deflate" without the zlib wrapper that the standard requires.
    if (code == Z_DATA_ERROR && first && coding_ == Coding::deflate && z_->total_out == 0 &&
        inflateReset2(z_.get(), kRaw) == Z_OK) {
      z_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
      z_->avail_in = static_cast<uInt>(bytes.size());
      code = inflate(z_.get(), Z_NO_FLUSH);
    }
    used = bytes.size() - z_->avail_in;
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return State::damaged;
    whole_ = code == Z_STREAM_END;
    const std::size_t made = room.size() - z_->avail_out;
    if (made > allowance_) return State::too_large;
    allowance_ -= made;
    owing_ = !whole_ && made == room.size();
    if (made > 0 && sink({room.data(), made}) == Flow::pause) return State::paused;
    if (!owing_) return State::more;
  }
}

}  // namespace gateway::curl
