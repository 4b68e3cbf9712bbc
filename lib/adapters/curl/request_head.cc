#include "adapters/curl/request_head.h"

#include <charconv>
#include <cstddef>
#include <string_view>

namespace gateway::curl {
namespace {

using std::string_view_literals::operator""sv;
// Every byte is looked at, without a branch: compilers then look at sixteen at once.
template <class Allowed>
bool all_of(std::string_view text, Allowed allowed) {
  unsigned bad = 0;
  for (const char c : text) bad |= static_cast<unsigned>(!allowed(static_cast<unsigned char>(c)));
  return bad == 0;
}
bool is_word(std::string_view text) {
  return !text.empty() && all_of(text, [](unsigned char c) { return (c > ' ') & (c < 0x7f) & (c != ':'); });
}
bool is_path(std::string_view text) {
  return text.starts_with('/') && all_of(text, [](unsigned char c) { return (c > ' ') & (c != 0x7f); });
}
bool is_line(std::string_view text) {
  return all_of(text, [](unsigned char c) { return (c != '\r') & (c != '\n') & (c != '\0'); });
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

}  // namespace

Result<void> write_head(const UpstreamRequest& request, std::string& out) {
  const Origin& origin = *request.origin;
  if (!is_word(request.method)) return Error{ErrorCode::invalid, "not an HTTP method"};
  if (!is_path(request.path)) return Error{ErrorCode::invalid, "not an HTTP path"};
  if (!is_line(origin.authority)) return Error{ErrorCode::invalid, "not a host"};

  // Views, whose lengths need not be counted.
  const auto put = [&out](std::string_view text) { out.append(text.data(), text.size()); };
  out.clear();
  put(request.method), put(" "sv), put(request.path), put(" HTTP/1.1\r\nhost: "sv), put(origin.authority);
  put("\r\naccept-encoding: identity\r\n"sv);
  for (const HeaderField& field : request.headers) {
    if (!is_word(field.name) || !is_line(field.value)) {
      return Error{ErrorCode::invalid, "not a header field: " + std::string(is_word(field.name) ? field.name : "")};
    }
    if (!is_ours(field.name)) put(field.name), put(": "sv), put(field.value), put("\r\n"sv);
  }
  char digits[20];
  const auto put_number = [&](std::uint64_t number, int base) {
    const auto end = std::to_chars(digits, digits + sizeof digits, number, base).ptr;
    put({digits, static_cast<std::size_t>(end - digits)}), put("\r\n"sv);
  };
  const std::uint64_t size = body_size(request) + request.rest_length.value_or(0);
  const bool in_chunks = request.body_goes_on && !request.rest_length;
  if (in_chunks) {
    put("transfer-encoding: chunked\r\n"sv);
  } else if (size != 0 || expects_body(request.method)) {
    put("content-length: "sv), put_number(size, 10);
  }
  put("\r\n"sv);
  if (in_chunks && size != 0) put_number(size, 16);  // of the first chunk, which is what there is of the body
  return {};
}

}  // namespace gateway::curl
