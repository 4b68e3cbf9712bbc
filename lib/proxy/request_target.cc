#include "proxy/request_target.h"

#include <algorithm>
#include <iterator>

#include "gateway/row.h"

namespace gateway {
namespace {

// What is served beside the operations, in the order in which it is listed.
struct PagePath {
  Page page;
  std::string_view method;
  std::string_view folder;  // kVersion may be left out by clients
  std::string_view path;
  SurfaceKind surface = SurfaceKind::openai;
};
constexpr std::size_t kMaxResponseId = 512;
constexpr std::string_view kVersion = "/v1", kInsforge = "/api/ai";
constexpr PagePath kPages[] = {
    {Page::count, "POST", kVersion, "/messages/count_tokens", SurfaceKind::anthropic},
    {Page::models, "GET", kVersion, "/models"},
    {Page::model, "GET", kVersion, "/models/{model}"},
    {Page::response, "GET", kVersion, "/responses/{id}", SurfaceKind::responses},
    {Page::response, "DELETE", kVersion, "/responses/{id}", SurfaceKind::responses},
    {Page::response, "POST", kVersion, "/responses/{id}/cancel", SurfaceKind::responses},
    {Page::response, "GET", kVersion, "/responses/{id}/input_items", SurfaceKind::responses},
    {Page::key, "GET", kVersion, "/key"},
    {Page::models, "GET", kInsforge, "/models", SurfaceKind::insforge},
    {Page::overview, "GET", kInsforge, "/overview", SurfaceKind::insforge},
    {Page::credits, "GET", kInsforge, "/credits", SurfaceKind::insforge},
    {Page::configurations, "GET", kInsforge, "/configurations", SurfaceKind::insforge},
    {Page::healthz, "GET", "", "/healthz"},
    {Page::readyz, "GET", "", "/readyz"},
};

std::vector<std::string> list_paths(bool has_insforge) {
  std::vector<std::string> paths;
  const auto add = [&](std::string_view method, std::string_view folder, std::string_view path, SurfaceKind surface) {
    if (surface == SurfaceKind::insforge && !has_insforge) return;
    paths.push_back(std::string(method).append(" ").append(folder).append(path));
  };
  for (const EndpointInfo& each : endpoints()) add("POST", "", each.full_path, SurfaceKind::openai);
  for (const OtherPath& each : other_paths())
    add("POST", each.surface == SurfaceKind::insforge ? "" : kVersion, each.path, each.surface);
  for (const PagePath& each : kPages) add(each.method, each.folder, each.path, each.surface);
  return paths;
}

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

// Of one path; not that of a model or a response, whose name is any.
const PagePath* page_at(std::string_view folder, std::string_view path) noexcept {
  const auto* const found = std::find_if(std::begin(kPages), std::end(kPages), [&](const PagePath& each) {
    const bool is_named = each.page == Page::model || each.page == Page::response;
    return each.folder == folder && each.path == path && !is_named;
  });
  return found == std::end(kPages) ? nullptr : found;
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

// What OpenAI has there beside responses is none of them.
bool may_name_response(std::string_view id) noexcept {
  const auto is_plain = [](char c) { return c > ' ' && c <= '~'; };
  return !id.empty() && id.size() <= kMaxResponseId && std::all_of(id.begin(), id.end(), is_plain) && id != "." &&
         id != ".." && id != "compact" && id != "input_tokens";
}

// `rest` follows "/responses/".
RequestTarget stored_response(std::string_view rest) {
  RequestTarget target{.surface = SurfaceKind::responses};
  const std::string_view id = rest.substr(0, rest.find('/'));
  const std::string_view after = rest.substr(id.size());
  static constexpr std::string_view kParts[] = {"", "/cancel", "/input_items"};
  for (const std::string_view each : kParts) {
    if (after != each || !may_name_response(id)) continue;
    target.page = Page::response;
    target.response = id;
    target.part = each;
  }
  return target;
}

// Of InsForge's paths: what its dashboard changes there is configured in a file here.
Page insforge_page(std::string_view rest) noexcept {
  if (const PagePath* page = page_at(kInsforge, rest)) return page->page;
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

const std::vector<std::string>& served_paths(bool has_insforge) {
  static const std::vector<std::string> with = list_paths(true), without = list_paths(false);
  return has_insforge ? with : without;
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
  if (const PagePath* page = page_at("", rest)) return {page->page, {}};

  take_segments(rest, kVersion);
  const bool azure = take_segments(rest, "/openai");
  take_segments(rest, kVersion);
  if (rest.empty()) return {Page::root, {}};
  if (const EndpointInfo* endpoint = endpoint_at(rest)) return {Page::inference, {}, endpoint};
  for (const OtherPath& other : other_paths()) {
    if (rest == other.path) {
      return {Page::inference, {}, &info_of(other.operation), other.surface, other.for_images};
    }
  }
  if (const PagePath* page = page_at(kVersion, rest)) {
    const bool counts = page->page == Page::count;
    return {page->page, {}, counts ? &info_of(Operation::chat) : nullptr, page->surface};
  }
  if (rest.starts_with("/messages/")) return {Page::unknown, {}, nullptr, SurfaceKind::anthropic};
  constexpr std::string_view kResponses = "/responses/";
  if (rest.starts_with(kResponses)) return stored_response(rest.substr(kResponses.size()));
  if (take_segments(rest, kInsforge)) {
    return {insforge_page(rest), {}, nullptr, SurfaceKind::insforge};
  }
  constexpr std::string_view kModel = "/models/";
  if (rest.starts_with(kModel)) return {Page::model, std::string(rest.substr(kModel.size()))};
  return azure ? deployment(rest) : RequestTarget{};
}

}  // namespace gateway
