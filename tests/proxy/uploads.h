// Large forms, piece by piece.
#pragma once

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/priced_units.h"
#include "wire/multipart/forms.h"

namespace gateway::testing {

inline constexpr std::string_view kTranscriptions = "/v1/audio/transcriptions";
inline constexpr std::size_t kPiece = 50'000;
inline const std::string kText = R"({"text":"hi"})";

inline std::string sound(std::size_t size) {
  std::string out(size, '\0');
  std::minstd_rand random(7);
  std::generate(out.begin(), out.end(), [&random] { return static_cast<char>(random() >> 8); });
  return out;
}

inline const std::string& large() {
  static const std::string kLarge = sound(1'000'000);
  return kLarge;
}

inline Config by_seconds(Config config) {
  for (TargetConfig& target : config.routes[0].targets) target.prices->input = target.prices->output = std::nullopt;
  return config;
}

// One form on its way.
struct Sending {
  Sending(TestGateway& gateway, std::string form, bool with_length = true, std::string_view path = kTranscriptions)
      : t(gateway), body(std::move(form)) {
    const std::string bearer = "Bearer " + std::string(kTestKey);
    const HeaderField fields[] = {{"authorization", bearer}, {"content-type", test::kFormType}};
    const auto length = with_length ? std::optional<std::uint64_t>(body.size()) : std::nullopt;
    exchange = t.gateway->open(
        {.method = "POST", .path = path, .query = {}, .headers = fields, .content_length = length, .has_body = true},
        client);
  }
  // The next piece. False: no more is wanted for now.
  bool one(std::size_t size = kPiece) {
    if (!exchange->wants_body() || sent == body.size()) return false;
    const std::string piece = body.substr(sent, size);  // which is gone after the call
    sent += piece.size();
    return exchange->on_body(piece) == Flow::more;
  }
  void up_to(std::size_t end) {
    while (sent < end && exchange->wants_body()) {
      one(std::min(kPiece, end - sent));
      t.upstream.run();
    }
  }
  void all() {
    up_to(body.size());
    if (exchange->wants_body()) exchange->on_end();
    t.upstream.run();
  }

  TestGateway& t;
  const std::string body;
  FakeClient client;
  std::unique_ptr<Exchange> exchange;
  std::size_t sent = 0;
};

inline std::string model_first(std::string_view file = large(), const char* model = "m") {
  return test::form({test::form_text("model", model), test::form_file("file", file)});
}

}  // namespace gateway::testing
