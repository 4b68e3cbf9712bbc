// One client of a play: sends its request, and notes what became of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/client.h"
#include "gateway/exchange.h"
#include "gateway/gateway.h"
#include "sim/play/request.h"

namespace gateway::sim {

// The parts of requests of one kind that are always the same.
struct RequestText {
  std::string path;
  std::string authorization;  // its value
  std::string begin, end;     // of the body, around the prompt
};
RequestText request_text(const Traffic& traffic, const std::string& key);

// Serves one request after the other.
class Player final : public Client, public ResponseBody {
 public:
  using OnDone = std::function<void(Player&)>;
  Player(std::size_t number, const OnDone& on_done) : number_(number), on_done_(on_done) {}

  void play(const PlayedRequest& request, const RequestText& text, Gateway& gateway);

  std::size_t number() const noexcept { return number_; }
  const PlayedRequest& request() const noexcept { return request_; }
  int status() const noexcept { return status_; }  // 0: no answer came
  bool broken() const noexcept { return broken_; }
  bool answered() const noexcept { return status_ != 0 && status_ < 400 && !broken_; }
  std::string_view code() const noexcept { return code_; }          // of the error
  std::string message() const;                                      // likewise; read from the answer each time
  std::string_view provider() const noexcept { return provider_; }  // whose answer it is; empty: none
  std::string_view target_model() const noexcept { return target_model_; }

  ResponseBody& send_head(const ResponseHead& head) override;
  Flow send_body(std::string_view bytes) override;
  void finish() override { end(); }
  void abort() override;

 private:
  void end();

  const std::size_t number_;
  const OnDone& on_done_;
  PlayedRequest request_;
  int status_ = 0;
  bool broken_ = false, done_ = false, playing_ = false;
  std::string error_, code_, provider_, target_model_;
  std::unique_ptr<Exchange> exchange_;
};

}  // namespace gateway::sim
