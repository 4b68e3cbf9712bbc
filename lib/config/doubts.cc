#include "config/doubts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/nearest.h"

namespace gateway {
namespace {

bool is_upper(char c) { return (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "$NAME" at the text's beginning or after a separator; empty: there is none. Elsewhere it may be a part of a password.
std::string_view bare_variable(std::string_view text) {
  for (std::size_t at = text.find('$'); at != text.npos; at = text.find('$', at + 1)) {
    if (at > 0 && std::string_view(" :/=").find(text[at - 1]) == text.npos) continue;
    std::size_t end = at + 1;
    while (end < text.size() && (is_upper(text[end]) || (end > at + 1 && is_digit(text[end])))) ++end;
    if (end > at + 2) return text.substr(at, end - at);
  }
  return {};
}

std::string_view prefix_of(std::string_view pattern) {
  return pattern.ends_with('*') ? pattern.substr(0, pattern.size() - 1) : pattern;
}

// Whether a name can fit both: "a/*" and "a/b", "*" and anything.
bool meet(std::string_view a, std::string_view b) {
  const std::string_view short_one = prefix_of(a), long_one = prefix_of(b);
  if (!a.ends_with('*') && !b.ends_with('*')) return a == b;
  if (!b.ends_with('*')) return b.starts_with(short_one);
  if (!a.ends_with('*')) return a.starts_with(long_one);
  return short_one.starts_with(long_one) || long_one.starts_with(short_one);
}

void doubt_allowed(Reading& reading, const yaml::Node& item, const std::string& project, const Config& config) {
  const std::string& pattern = item.text;
  if (pattern.empty() || pattern.find("${") != pattern.npos) return;
  std::vector<std::string_view> known;
  for (const RouteConfig& route : config.routes) {
    if (meet(pattern, route.pattern)) return;
    known.push_back(route.pattern);
  }
  const std::string_view meant = nearest(pattern, known);
  reading.warn(item.place, fmt::format("'{}' in 'models' of project '{}' is no model of any route{}", pattern, project,
                                       meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant)));
}

bool is_secret(std::string_view key) {
  static constexpr std::array<std::string_view, 7> kSecrets{"api_key",       "management_key", "admin_token", "token",
                                                            "authorization", "x-api-key",      "api-key"};
  return std::find(kSecrets.begin(), kSecrets.end(), key) != kSecrets.end();
}

const yaml::Node* literal_secret(const yaml::Node& node) {
  for (const yaml::NodePtr& item : node.items) {
    if (const yaml::Node* found = literal_secret(*item)) return found;
  }
  for (const yaml::Entry& entry : node.entries) {
    const yaml::Node& value = *entry.value;
    const bool literal = value.kind == yaml::Kind::scalar && !value.text.empty() && value.text != "none" &&
                         value.text.find("${") == value.text.npos;
    if (literal && is_secret(entry.key)) return &value;
    if (const yaml::Node* found = literal_secret(value)) return found;
  }
  return nullptr;
}

}  // namespace

void doubt_variable(Reading& reading, const yaml::Node& node) {
  const std::string_view variable = bare_variable(node.text);
  if (variable.empty()) return;
  reading.warn(node.place, fmt::format("'{}' is text here; a variable of the environment is written ${{{}}}", variable,
                                       variable.substr(1)));
}

void doubt_base_url(const Fields& fields, std::string_view key, std::string_view url) {
  for (const std::string_view endpoint :
       {"/chat/completions", "/completions", "/embeddings", "/models", "/responses", "/messages"}) {
    if (!url.ends_with(endpoint)) continue;
    fields.warn(key, fmt::format("{} ends in an endpoint, which is appended to it: expected '{}'", fields.where(key),
                                 url.substr(0, url.size() - endpoint.size())));
    return;
  }
}

void doubt_file(const Fields& fields, std::string_view key, const std::string& path) {
  if (path.empty()) return;
  errno = 0;
  if (std::ifstream(path).get() == std::ifstream::traits_type::eof()) {
    fields.warn(key, fmt::format("{}: '{}' cannot be read: {}", fields.where(key), path,
                                 errno != 0 ? std::strerror(errno) : "it is empty"));
  }
}

void doubt_models(Reading& reading, const yaml::Node& root, const Config& config) {
  if (root.kind == yaml::Kind::null) {
    reading.warn({}, "the file is empty: no provider, no model; every request is refused");
  } else if (config.routes.empty()) {
    reading.warn({}, "the configuration has no 'models': every request is refused");
  }
  const yaml::Node* projects = yaml::child(root, "projects");
  if (config.routes.empty() || projects == nullptr) return;
  for (const yaml::Entry& project : projects->entries) {
    const yaml::Node* models = yaml::child(*project.value, "models");
    if (models == nullptr) continue;
    if (models->kind == yaml::Kind::scalar) doubt_allowed(reading, *models, project.key, config);
    for (const yaml::NodePtr& item : models->items) doubt_allowed(reading, *item, project.key, config);
  }
}

void doubt_secrets(Reading& reading, const yaml::Node& root, const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::perms mode = fs::status(path, failed).permissions();
  if (failed || (mode & (fs::perms::group_read | fs::perms::others_read)) == fs::perms::none) return;
  const yaml::Node* secret = literal_secret(root);
  if (secret == nullptr) return;
  reading.warn(secret->place, fmt::format("a secret is written out in a file that others can read (mode {:04o}); "
                                          "'chmod 600 {}', or take it from the environment: ${{NAME}}",
                                          static_cast<unsigned>(mode & fs::perms::mask), path));
}

}  // namespace gateway
