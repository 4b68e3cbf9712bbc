#include "adapters/curl/request_head.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace gateway::curl {
namespace {

using std::string_view_literals::operator""sv;

// Eight characters at once: those of `word` below `limit` (at most 0x80), or equal to `c`, are marked by their high
// bit.
constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
constexpr std::uint64_t below(std::uint64_t word, std::uint64_t limit) noexcept {
  return (word - kOnes * limit) & ~word & kHighs;
}
constexpr std::uint64_t equal(std::uint64_t word, unsigned char c) noexcept { return below(word ^ (kOnes * c), 1); }

// Whether marks() marks none of the characters. The last eight are looked at together, and so some of them twice.
template <class Marks>
bool none(std::string_view text, Marks marks) noexcept {
  if (text.size() < 8) {
    std::uint64_t word = kOnes * 'a';
    for (const char c : text) word = word << 8 | static_cast<unsigned char>(c);
    return marks(word) == 0;
  }
  const auto at = [&](std::size_t place) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + place, sizeof word);
    return word;
  };
  std::uint64_t bad = marks(at(text.size() - 8));
  for (std::size_t i = 0; i + 8 < text.size(); i += 8) bad |= marks(at(i));
  return bad == 0;
}
bool is_word(std::string_view text) noexcept {
  return !text.empty() && none(text, [](std::uint64_t word) {
    return below(word, '!') | equal(word, ':') | equal(word, 0x7f) | (word & kHighs);
  });
}
bool is_path(std::string_view text) noexcept {
  return text.starts_with('/') && none(text, [](std::uint64_t word) { return below(word, '!') | equal(word, 0x7f); });
}
bool is_line(std::string_view text) noexcept {
  return none(text, [](std::uint64_t word) { return equal(word, '\r') | equal(word, '\n') | equal(word, 0); });
}

bool is_ours(std::string_view name) {
  switch (name.size()) {
    case 4:
      return equal_ignoring_case(name, "host");
    case 10:
      return equal_ignoring_case(name, "connection");
    case 14:
      return equal_ignoring_case(name, "content-length");
    case 15:
      return equal_ignoring_case(name, "accept-encoding");
    case 17:
      return equal_ignoring_case(name, "transfer-encoding");
    default:
      return false;
  }
}

std::size_t body_size(const UpstreamRequest& request) {
  std::size_t size = 0;
  for (const std::string_view piece : request.body) size += piece.size();
  return size;
}

bool expects_body(std::string_view method) { return method == "POST" || method == "PUT" || method == "PATCH"; }

constexpr auto kBeforeHost = " HTTP/1.1\r\nhost: "sv, kEncoding = "\r\naccept-encoding: identity\r\n"sv;
constexpr auto kChunked = "transfer-encoding: chunked\r\n"sv, kLength = "content-length: "sv;
constexpr std::size_t kMostDigits = 20;

std::size_t most_bytes(const UpstreamRequest& request) {
  std::size_t size = request.method.size() + 1 + request.path.size() + kBeforeHost.size() +
                     request.origin->authority.size() + kEncoding.size() + kChunked.size() + kMostDigits + 4;
  for (const HeaderField& field : request.headers) size += field.name.size() + field.value.size() + 4;
  return size;
}

}  // namespace

Result<void> write_head(const UpstreamRequest& request, std::string& out) {
  const Origin& origin = *request.origin;
  if (!is_word(request.method)) return Error{ErrorCode::invalid, "not an HTTP method"};
  if (!is_path(request.path)) return Error{ErrorCode::invalid, "not an HTTP path"};
  if (!is_line(origin.authority)) return Error{ErrorCode::invalid, "not a host"};

  out.resize(most_bytes(request));
  char* end = out.data();
  const auto put = [&end](std::string_view text) {
    std::memcpy(end, text.data(), text.size());
    end += text.size();
  };
  put(request.method), put(" "sv), put(request.path), put(kBeforeHost), put(origin.authority), put(kEncoding);
  for (const HeaderField& field : request.headers) {
    if (!is_word(field.name) || !is_line(field.value)) {
      return Error{ErrorCode::invalid, "not a header field: " + std::string(is_word(field.name) ? field.name : "")};
    }
    if (!is_ours(field.name)) put(field.name), put(": "sv), put(field.value), put("\r\n"sv);
  }
  const auto put_number = [&](std::uint64_t number, int base) {
    end = std::to_chars(end, end + kMostDigits, number, base).ptr;
    put("\r\n"sv);
  };
  const std::uint64_t size = body_size(request) + request.rest_length.value_or(0);
  const bool in_chunks = request.body_goes_on && !request.rest_length;
  if (in_chunks) {
    put(kChunked);
  } else if (size != 0 || expects_body(request.method)) {
    put(kLength), put_number(size, 10);
  }
  put("\r\n"sv);
  if (in_chunks && size != 0) put_number(size, 16);  // of the first chunk, which is what there is of the body
  out.resize(static_cast<std::size_t>(end - out.data()));
  return {};
}

}  // namespace gateway::curl
