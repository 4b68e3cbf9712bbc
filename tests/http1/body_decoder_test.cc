#include "http1/body_decoder.h"

#include <zlib.h>
#include <zstd.h>

#include <array>
#include <string>

#include "support/catch.h"

using namespace gateway::http1;

namespace {

std::string zlib_coded(const std::string& text, int window) {
  z_stream z{};
  REQUIRE(deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}
std::string gzip(const std::string& text) { return zlib_coded(text, 15 + 16); }
std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

struct Decoded {
  std::string text;
  bool damaged = false, complete = false;
};

// `step` bytes at a time, through a room of 100 bytes.
Decoded decode(Coding coding, std::string_view coded, std::size_t step) {
  const auto decoder = make_body_decoder(coding);
  Decoded out;
  std::array<char, 100> room;
  while (!coded.empty() && !decoder->damaged()) {
    std::string_view input = coded.substr(0, step);
    coded.remove_prefix(input.size());
    while (const std::size_t size = decoder->decode(input, room)) out.text.append(room.data(), size);
  }
  out.damaged = decoder->damaged();
  out.complete = decoder->complete();
  return out;
}

std::string sample() {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "message " + std::to_string(i * 7919 % 1000) + ", ";
  return text;
}

}  // namespace

TEST_CASE("gzip, deflate with and without its wrapper, and zstd are decoded, however they are cut",
          "[http1][decoder]") {
  const std::string text = sample();
  for (const std::size_t step : {std::size_t{2}, std::size_t{7}, std::size_t{1000}, std::size_t{1} << 20}) {
    for (const auto& [coding, coded] :
         {std::pair{Coding::gzip, gzip(text)}, std::pair{Coding::deflate, zlib_coded(text, 15)},
          std::pair{Coding::deflate, zlib_coded(text, -15)}, std::pair{Coding::zstd, zstd(text)},
          std::pair{Coding::gzip, gzip(text.substr(0, 50)) + gzip(text.substr(50))},
          std::pair{Coding::zstd, zstd(text.substr(0, 50)) + zstd(text.substr(50))}}) {
      INFO(static_cast<int>(coding) << " by " << step);
      const Decoded decoded = decode(coding, coded, step);
      CHECK(decoded.text == text);
      CHECK(decoded.complete);
      CHECK_FALSE(decoded.damaged);
    }
  }
}

TEST_CASE("what is damaged or ends early is noticed", "[http1][decoder]") {
  for (const auto& [coding, coded] :
       {std::pair{Coding::gzip, gzip(sample())}, std::pair{Coding::deflate, zlib_coded(sample(), 15)},
        std::pair{Coding::zstd, zstd(sample())}}) {
    INFO(static_cast<int>(coding));
    CHECK_FALSE(decode(coding, std::string_view(coded).substr(0, coded.size() - 5), 64).complete);
    CHECK(decode(coding, "{\"model\":\"m\",\"messages\":[]}", 64).damaged);
    CHECK(decode(coding, coded + "and more", 64).damaged);
  }
}

TEST_CASE("a little that expands to a lot comes out piece by piece", "[http1][decoder]") {
  const std::string bomb = gzip(std::string(10'000'000, 'A'));
  const auto decoder = make_body_decoder(Coding::gzip);
  std::array<char, 1000> room;
  std::string_view input = bomb;
  CHECK(decoder->decode(input, room) == room.size());
  CHECK(decoder->decode(input, room) == room.size());
  CHECK_FALSE(decoder->complete());
}

TEST_CASE("codings are known by their names", "[http1][decoder]") {
  CHECK(coding_of("") == Coding::identity);
  CHECK(coding_of("Identity") == Coding::identity);
  CHECK(coding_of("GZIP") == Coding::gzip);
  CHECK(coding_of("x-gzip") == Coding::gzip);
  CHECK(coding_of("deflate") == Coding::deflate);
  CHECK(coding_of("zstd") == Coding::zstd);
  CHECK(coding_of("br") == Coding::unsupported);
  CHECK(coding_of("gzip, gzip") == Coding::unsupported);
}
