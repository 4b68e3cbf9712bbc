#include "http1/body_decoder.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <climits>

#include "gateway/headers.h"
#include "gateway/result.h"

namespace gateway::http1 {
namespace {

constexpr int kGzipWindow = 15 + 16;
constexpr int kZlibWindow = 15;
constexpr int kRawWindow = -15;
constexpr int kMaxZstdWindowLog = 23;  // 8 MiB, which RFC 8878 recommends that decoders support

class ZlibDecoder final : public BodyDecoder {
 public:
  explicit ZlibDecoder(Coding coding) : may_be_raw_(coding == Coding::deflate) {
    if (inflateInit2(&z_, coding == Coding::gzip ? kGzipWindow : kZlibWindow) != Z_OK) detail::die("zlib cannot start");
  }
  ~ZlibDecoder() override { inflateEnd(&z_); }
  ZlibDecoder(const ZlibDecoder&) = delete;
  ZlibDecoder& operator=(const ZlibDecoder&) = delete;

  std::size_t decode(std::string_view& input, std::span<char> room) override {
    // One call may end a member without output: another one may follow.
    for (;;) {
      const std::size_t before = input.size();
      const std::size_t made = damaged_ ? 0 : decode_some(input, room);
      if (made > 0 || damaged_ || input.empty() || input.size() == before) return made;
    }
  }

 private:
  std::size_t decode_some(std::string_view& input, std::span<char> room) {
    if (complete_ && (input.empty() || !begin_member(input))) return 0;
    const bool begins = z_.total_in == 0;
    int code = run(input, room);
    // Some clients send "deflate" without the zlib wrapper that the standard requires.
    if (code == Z_DATA_ERROR && begins && may_be_raw_ && inflateReset2(&z_, kRawWindow) == Z_OK) {
      may_be_raw_ = false;
      code = run(input, room);
    }
    damaged_ = code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR;
    if (damaged_) return 0;
    complete_ = code == Z_STREAM_END;
    input.remove_prefix(std::min<std::size_t>(input.size(), INT_MAX) - z_.avail_in);
    return room.size() - z_.avail_out;
  }

  // Gzip may have several members, one after the other; anything else past the end is damage.
  bool begin_member(std::string_view input) {
    complete_ = false;
    damaged_ = input.front() != '\x1f' || inflateReset(&z_) != Z_OK;
    return !damaged_;
  }

  int run(std::string_view input, std::span<char> room) {
    z_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    z_.avail_in = static_cast<uInt>(std::min<std::size_t>(input.size(), INT_MAX));
    z_.next_out = reinterpret_cast<Bytef*>(room.data());
    z_.avail_out = static_cast<uInt>(room.size());
    return inflate(&z_, Z_NO_FLUSH);
  }

  z_stream z_{};
  bool may_be_raw_;
};

class ZstdDecoder final : public BodyDecoder {
 public:
  ZstdDecoder() : stream_(ZSTD_createDCtx()) {
    if (stream_ == nullptr) detail::die("zstd cannot start");
    ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kMaxZstdWindowLog);
  }
  ~ZstdDecoder() override { ZSTD_freeDCtx(stream_); }
  ZstdDecoder(const ZstdDecoder&) = delete;
  ZstdDecoder& operator=(const ZstdDecoder&) = delete;

  std::size_t decode(std::string_view& input, std::span<char> room) override {
    if (damaged_ || (input.empty() && complete_)) return 0;
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    // One call may stop at the end of a frame without output: more may follow.
    do {
      const std::size_t left = ZSTD_decompressStream(stream_, &out, &in);
      damaged_ = ZSTD_isError(left) != 0;
      if (damaged_) return 0;
      complete_ = left == 0;
    } while (out.pos == 0 && in.pos < in.size);
    input.remove_prefix(in.pos);
    return out.pos;
  }

 private:
  ZSTD_DCtx* stream_;
};

}  // namespace

Coding coding_of(std::string_view value) noexcept {
  if (value.empty() || equal_ignoring_case(value, "identity")) return Coding::identity;
  if (equal_ignoring_case(value, "gzip") || equal_ignoring_case(value, "x-gzip")) return Coding::gzip;
  if (equal_ignoring_case(value, "deflate")) return Coding::deflate;
  return equal_ignoring_case(value, "zstd") ? Coding::zstd : Coding::unsupported;
}

std::unique_ptr<BodyDecoder> make_body_decoder(Coding coding) {
  if (coding == Coding::zstd) return std::make_unique<ZstdDecoder>();
  return std::make_unique<ZlibDecoder>(coding);
}

}  // namespace gateway::http1
