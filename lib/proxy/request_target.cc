#include "proxy/request_target.h"

namespace gateway {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// One slash for several, and none at the end: "/" becomes empty.
std::string tidy_slashes(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  }
  if (out.ends_with('/')) out.pop_back();
  return out;
}

// Takes a segment such as "/v1" off the beginning, as often as it is there.
bool take_segments(std::string_view& path, std::string_view segment) noexcept {
  bool taken = false;
  while (path.starts_with(segment) && (path.size() == segment.size() || path[segment.size()] == '/')) {
    path.remove_prefix(segment.size());
    taken = true;
  }
  return taken;
}

RequestTarget deployment(std::string_view path) {
  constexpr std::string_view kDeployments = "/deployments/";
  if (!path.starts_with(kDeployments)) return {};
  path.remove_prefix(kDeployments.size());
  for (const EndpointInfo& each : endpoints()) {
    if (path == each.path.substr(1)) return {};  // no name
    // "/chat/completions" ends as "/completions" does, and comes before it.
    if (path.size() > each.path.size() && path.ends_with(each.path)) {
      return {Page::inference, std::string(path.substr(0, path.size() - each.path.size())), &each};
    }
  }
  return {};
}

// What InsForge's SDKs and its command line read beside its models.
Page insforge_page(std::string_view rest) noexcept {
  if (rest == "/models") return Page::models;
  if (rest == "/overview") return Page::overview;
  if (rest == "/credits") return Page::credits;
  if (rest == "/configurations") return Page::configurations;
  const bool is_key = rest.ends_with("/api-key") || rest.ends_with("/api-key/rotate");
  return is_key || rest == "/config" || rest.starts_with("/configurations/") ? Page::configured : Page::unknown;
}

}  // namespace

bool decode_path(std::string_view path, std::string& out) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') {
      out += path[i];
      continue;
    }
    if (i + 2 >= path.size() || hex_digit(path[i + 1]) < 0 || hex_digit(path[i + 2]) < 0) return false;
    out += static_cast<char>(hex_digit(path[i + 1]) * 16 + hex_digit(path[i + 2]));
    i += 2;
  }
  return true;
}

RequestTarget parse_request_target(std::string_view path) {
  if (path == "/v1/chat/completions") {  // nearly always
    return {Page::inference, {}, &info_of(Operation::chat)};
  }
  if (path == "/metrics") return {Page::metrics, {}};
  std::string decoded;
  if (!path.starts_with('/') || !decode_path(path, decoded)) return {};
  const std::string tidy = tidy_slashes(decoded);
  std::string_view rest = tidy;
  if (rest == "/healthz") return {Page::healthz, {}};
  if (rest == "/readyz") return {Page::readyz, {}};

  take_segments(rest, "/v1");
  const bool azure = take_segments(rest, "/openai");
  take_segments(rest, "/v1");
  if (rest.empty()) return {Page::root, {}};
  if (const EndpointInfo* endpoint = endpoint_at(rest)) return {Page::inference, {}, endpoint};
  for (const OtherPath& other : other_paths()) {
    if (rest == other.path) {
      return {Page::inference, {}, &info_of(other.operation), other.surface, other.for_images};
    }
  }
  if (rest == "/messages/count_tokens") {
    return {Page::count, {}, &info_of(Operation::chat), SurfaceKind::anthropic};
  }
  if (rest.starts_with("/messages/")) return {Page::unknown, {}, nullptr, SurfaceKind::anthropic};
  if (rest.starts_with("/responses/")) return {Page::unknown, {}, nullptr, SurfaceKind::responses};
  if (take_segments(rest, "/api/ai")) {
    return {insforge_page(rest), {}, nullptr, SurfaceKind::insforge};
  }
  if (rest == "/models") return {Page::models, {}};
  if (rest == "/key") return {Page::key, {}};
  constexpr std::string_view kModel = "/models/";
  if (rest.starts_with(kModel)) return {Page::model, std::string(rest.substr(kModel.size()))};
  return azure ? deployment(rest) : RequestTarget{};
}

}  // namespace gateway
