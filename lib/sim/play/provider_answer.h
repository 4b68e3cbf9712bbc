// What one call of a provider comes to, and the bytes of it in the provider's own shape.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/provider.h"
#include "gateway/row.h"
#include "gateway/simulate.h"
#include "gateway/upstream.h"

namespace gateway::sim {

struct ProviderAnswer {
  Outage outage = Outage::none;
  int status = 200;
  Duration begins{0};   // after the dispatch
  Duration lasts{0};    // from then on, until its output is complete
  bool breaks = false;  // halfway
  std::optional<std::chrono::seconds> retry_after{};
};

// The texts of an answer, which the provider's type, the operation and the tokens decide.
struct AnswerText {
  bool anthropic = false;
  Operation operation = Operation::chat;
  std::int64_t input = 0, output = 0, cached = 0;
  std::string_view model{};

  void document(std::string& out) const;                   // not streamed
  void begin(std::string& out, std::int64_t words) const;  // a stream's first events, with so much text
  void go_on(std::string& out) const;                      // one more
  void end(std::string& out) const;                        // its last ones, with the usage
  void error(std::string& out, int status) const;
};

}  // namespace gateway::sim
