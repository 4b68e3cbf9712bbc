#include "app/dashboard/mount.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "app/server/browser.h"
#include "app/server/refused_exchange.h"
#include "http1/body_decoder.h"
#include "proxy/answer_fields.h"

namespace gateway::app {
namespace {

constexpr std::string_view kPrefix = "/dashboard";
constexpr std::string_view kPage = "index.html";

// No page of another origin gets at this one, and this one loads nothing but its own files.
constexpr HeaderField kSecurity[] = {
    {"content-security-policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action "
     "'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"},
    {"x-content-type-options", "nosniff"},
    {"referrer-policy", "no-referrer"},
    {"cross-origin-opener-policy", "same-origin"},
    {"cross-origin-resource-policy", "same-origin"},
    {"permissions-policy",
     "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), "
     "midi=(), payment=(), usb=()"},
};

// Answered when it is opened.
class AnsweredExchange final : public Exchange {
 public:
  bool wants_body() const override { return false; }
  Flow on_body(std::string_view) override { return Flow::more; }
  void on_end() override {}
  void on_drained() override {}
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls `is_it` with each element of a list such as "a, b" until it says yes.
template <typename IsIt>
bool any_element(std::string_view list, IsIt is_it) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (is_it(trimmed(list.substr(0, comma)))) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

bool takes(HeaderSpan headers, std::string_view coding) {
  return any_element(header_value(headers, "accept-encoding"), [coding](std::string_view element) {
    const std::size_t semicolon = std::min(element.find(';'), element.size());
    const std::string_view name = trimmed(element.substr(0, semicolon));
    // "*" is met by gzip, which all know.
    if (!equal_ignoring_case(name, coding) && (name != "*" || coding != "gzip")) return false;
    std::string_view weight = trimmed(element.substr(std::min(semicolon + 1, element.size())));
    if (!weight.starts_with("q=") && !weight.starts_with("Q=")) return true;
    weight.remove_prefix(2);
    return weight.find_first_not_of("0.") != weight.npos;
  });
}

bool has_it(HeaderSpan headers, std::string_view etag) {
  return any_element(header_value(headers, "if-none-match"), [etag](std::string_view element) {
    if (element.starts_with("W/")) element.remove_prefix(2);
    return element == etag || element == "*";
  });
}

// A path that names no file is a page's address, which the page itself reads. Files have a folder of their own.
const DashboardAsset* find_asset(std::span<const DashboardAsset> assets, std::string_view path) {
  const auto at = [&](std::string_view name) {
    const auto found = std::find_if(assets.begin(), assets.end(), [&](const auto& one) { return one.path == name; });
    return found == assets.end() ? nullptr : &*found;
  };
  const DashboardAsset* named = path.empty() ? nullptr : at(path);
  return named != nullptr || path.starts_with("assets/") ? named : at(kPage);
}

// For the rare client that does not take it compressed.
std::optional<std::string> decompressed(std::string_view gzip) {
  const auto decoder = http1::make_body_decoder(http1::Coding::gzip);
  std::array<char, 16384> room;
  std::string result;
  while (const std::size_t count = decoder->decode(gzip, room)) result.append(room.data(), count);
  if (decoder->damaged() || !decoder->complete()) return std::nullopt;
  return result;
}

std::unique_ptr<Exchange> answer(Client& client, int status, const FieldList& fields, std::string_view body) {
  ResponseBody& out = client.send_head({.status = status, .headers = fields.span(), .content_length = body.size()});
  if (!body.empty()) out.send_body(body);
  auto exchange = std::make_unique<AnsweredExchange>();
  out.finish();
  return exchange;
}

FieldList secure_fields() {
  FieldList fields;
  for (const HeaderField& field : kSecurity) fields.add_view(field.name, field.value);
  return fields;
}

std::unique_ptr<Exchange> send_asset(const DashboardAsset& asset, const RequestHead& head, Client& client) {
  FieldList fields = secure_fields();
  fields.add_view("etag", asset.etag);
  fields.add_view("vary", "accept-encoding");
  fields.add_view("cache-control", asset.is_hashed ? "public, max-age=31536000, immutable" : "no-cache");
  if (has_it(head.headers, asset.etag)) return answer(client, 304, fields, {});
  fields.add_view("content-type", asset.type);
  if (!asset.brotli.empty() && takes(head.headers, "br")) {
    fields.add_view("content-encoding", "br");
    return answer(client, 200, fields, asset.brotli);
  }
  if (takes(head.headers, "gzip")) {
    fields.add_view("content-encoding", "gzip");
    return answer(client, 200, fields, asset.gzip);
  }
  const std::optional<std::string> plain = decompressed(asset.gzip);
  return plain ? answer(client, 200, fields, *plain) : nullptr;
}

std::unique_ptr<Exchange> send_elsewhere(Client& client, int status) {
  FieldList fields = secure_fields();
  fields.add_view("location", "/dashboard/");
  return answer(client, status, fields, {});
}

}  // namespace

Mount dashboard_mount(std::span<const DashboardAsset> assets) {
  const auto open = [assets](const MountContext& at, const RequestHead& head,
                             Client& client) -> std::unique_ptr<Exchange> {
    const std::string_view path = head.path.substr(kPrefix.size());
    if (!at.access.has_administration() || !at.access.has_dashboard || assets.empty() ||
        (!path.empty() && path.front() != '/'))
      return nullptr;
    if (at.access.first_run && !is_loopback_host(header_value(head.headers, "host")))
      return open_refused(foreign_host(), at.id, head, client);
    if (head.method != "GET" && head.method != "HEAD")
      return open_refused(api_error::method_not_allowed("GET, HEAD"), at.id, head, client);
    if (path.empty()) return send_elsewhere(client, 308);
    const DashboardAsset* asset = find_asset(assets, path.substr(1));
    return asset != nullptr ? send_asset(*asset, head, client) : nullptr;
  };
  return {Service::administration, std::string(kPrefix), open};
}

Mount front_mount(std::span<const DashboardAsset> assets) {
  const auto open = [assets](const MountContext& at, const RequestHead& head,
                             Client& client) -> std::unique_ptr<Exchange> {
    const bool reads = head.method == "GET" || head.method == "HEAD";
    if (!at.access.first_run || !at.access.has_dashboard || assets.empty() || !reads) return nullptr;
    return send_elsewhere(client, 302);
  };
  return {Service::administration, "/", open, true};
}

}  // namespace gateway::app
