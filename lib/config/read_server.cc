#include "config/doubts.h"
#include "config/scalars.h"
#include "config/sections.h"

namespace gateway {
namespace {

using std::chrono::milliseconds;

void get_bytes(const Fields& fields, std::string_view key, std::int64_t& out, std::int64_t least) {
  const std::string expected = scalars::kBytesExpected + (", at least " + std::to_string(least) + " bytes");
  fields.get(key, out, expected, [least](std::string_view text) {
    const std::optional<std::int64_t> size = scalars::bytes(text);
    return size && *size >= least ? size : std::nullopt;
  });
}

void read_tls(Reading& reading, const yaml::Node& node, TlsConfig& tls) {
  const Fields fields(reading, node, "server.tls", {"certificate", "key"});
  fields.text("certificate", tls.certificate);
  fields.text("key", tls.key);
  doubt_file(fields, "certificate", tls.certificate);
  doubt_file(fields, "key", tls.key);
  if (fields.has("certificate") != fields.has("key")) {
    reading.mistake(node.place, "server.tls needs both 'certificate' and 'key'; expected two PEM files");
  }
}

// As browsers send it: scheme, host, port.
std::optional<std::string> read_origin(std::string_view text) {
  const std::size_t scheme = text.find("://");
  const bool origin = scheme != std::string_view::npos && scheme > 0 && text.size() > scheme + 3 &&
                      text.find_first_of("/ \t?#", scheme + 3) == std::string_view::npos;
  if (text != "*" && !origin) return std::nullopt;
  return std::string(text);
}

}  // namespace

void read_server(Reading& reading, const yaml::Node& node, ServerConfig& server) {
  const Fields fields(reading, node, "server",
                      {"max_connections", "max_connections_per_address", "max_in_flight", "max_head", "max_body",
                       "max_buffered", "max_event", "max_answer", "max_connection_memory", "min_body_rate",
                       "head_timeout", "body_timeout", "keep_alive", "drain_delay", "drain", "cors_origins", "tls"});
  fields.whole("max_connections", server.max_connections, 1, 10'000'000);
  fields.whole("max_connections_per_address", server.max_connections_per_address, 0, 10'000'000);
  fields.whole("max_in_flight", server.max_in_flight, 1, 10'000'000);
  get_bytes(fields, "max_head", server.max_head, 1024);
  get_bytes(fields, "max_body", server.max_body, 1024);
  get_bytes(fields, "max_buffered", server.max_buffered, 1024);
  get_bytes(fields, "max_event", server.max_event, 64 * 1024);
  get_bytes(fields, "max_answer", server.max_answer, 1024 * 1024);
  get_bytes(fields, "max_connection_memory", server.max_connection_memory, 1024);
  get_bytes(fields, "min_body_rate", server.min_body_rate, 0);
  if (server.max_buffered < server.max_body) {
    fields.mistake(fields.has("max_buffered") ? "max_buffered" : "max_body",
                   "'max_buffered' in server is less than 'max_body'; expected room for at least one body");
  }
  fields.duration("head_timeout", server.head_timeout, milliseconds(1));
  fields.duration("body_timeout", server.body_timeout, milliseconds(1));
  fields.duration("keep_alive", server.keep_alive, milliseconds(1));
  fields.duration("drain_delay", server.drain_delay, milliseconds(0));
  fields.duration("drain", server.drain, milliseconds(0));
  constexpr const char* kOriginExpected = "an origin such as https://app.example.com, or \"*\"";
  for (const Fields::Item& item : fields.texts("cors_origins", kOriginExpected)) {
    if (auto origin = read_origin(item.text.text)) {
      server.cors_origins.push_back(std::move(*origin));
    } else {
      reading.unexpected(*item.node, fields.where("cors_origins"), kOriginExpected, item.text.shown);
    }
  }
  if (const yaml::Entry* tls = fields.find("tls")) read_tls(reading, *tls->value, server.tls);
}

void read_timeouts(Reading& reading, const yaml::Node& node, const std::string& name, Timeouts& timeouts) {
  const Fields fields(reading, node, name, {"connect", "first_byte", "idle", "total"});
  fields.duration("connect", timeouts.connect, milliseconds(1));
  fields.duration("first_byte", timeouts.first_byte, milliseconds(1));
  fields.duration("idle", timeouts.idle, milliseconds(1));
  fields.duration("total", timeouts.total, milliseconds(1));
}

void read_retry(Reading& reading, const yaml::Node& node, RetryConfig& retry) {
  const Fields fields(reading, node, "retry", {"max_attempts", "on", "budget", "max_wait"});
  fields.whole("max_attempts", retry.max_attempts, 1, 100);
  fields.get("budget", retry.budget, "a share from 0 to 1, such as 0.2", scalars::share);
  fields.duration("max_wait", retry.max_wait, milliseconds(0));
  if (!fields.has("on")) return;
  const Word<bool RetryConfig::*> kinds[] = {{"connect", &RetryConfig::on_connect},
                                             {"timeout", &RetryConfig::on_timeout},
                                             {"429", &RetryConfig::on_429},
                                             {"5xx", &RetryConfig::on_5xx},
                                             {"lost", &RetryConfig::on_lost}};
  for (const auto& kind : kinds) retry.*kind.value = false;
  constexpr const char* kExpected = "connect, timeout, 429, 5xx or lost";
  for (const Fields::Item& item : fields.texts("on", kExpected)) {
    bool known = false;
    for (const auto& kind : kinds) {
      if (kind.text == item.text.text) known = retry.*kind.value = true;
    }
    if (!known) reading.unexpected(*item.node, fields.where("on"), kExpected, item.text.shown);
  }
}

}  // namespace gateway
