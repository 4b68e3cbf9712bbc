#include "adapters/curl/request_head.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/eight_at_once.h"

namespace gateway::curl {
namespace {

using std::string_view_literals::operator""sv;

bool is_word(std::string_view text) noexcept {
  return !text.empty() && eight::none(text, [](std::uint64_t word) {
    return eight::below(word, '!') | eight::equal(word, ':') | eight::equal(word, 0x7f) | eight::beyond_ascii(word);
  });
}
bool is_path(std::string_view text) noexcept {
  return text.starts_with('/') &&
         eight::none(text, [](std::uint64_t word) { return eight::below(word, '!') | eight::equal(word, 0x7f); });
}
bool is_line(std::string_view text) noexcept {
  return eight::none(text, [](std::uint64_t word) {
    return eight::equal(word, '\r') | eight::equal(word, '\n') | eight::equal(word, 0);
  });
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
