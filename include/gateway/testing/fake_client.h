// A client that writes down what it gets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/client.h"

namespace gateway::testing {

/// Ends the process when the order of calls is not the one that Client promises: a test cannot overlook it.
class FakeClient : public Client, public ResponseBody {
 public:
  FakeClient() = default;
  FakeClient(const FakeClient&) = delete;
  FakeClient& operator=(const FakeClient&) = delete;
  virtual ~FakeClient() = default;

  ResponseBody& send_head(const ResponseHead& head) override;
  Flow send_body(std::string_view bytes) override;
  void finish() override;
  void abort() override;
  void resume_body() override { ++resumed_; }

  bool has_head() const noexcept { return status_ != 0; }
  int status() const noexcept { return status_; }  ///< 0: no head yet
  std::string_view header(std::string_view name) const noexcept { return headers_.value(name); }
  const Headers& headers() const noexcept { return headers_; }
  std::optional<std::uint64_t> content_length() const noexcept { return content_length_; }
  const std::string& body() const noexcept { return body_; }
  const std::vector<std::string>& pieces() const noexcept { return pieces_; }  ///< as they came
  bool finished() const noexcept { return finished_; }
  bool aborted() const noexcept { return aborted_; }
  bool done() const noexcept { return finished_ || aborted_; }
  int resumed() const noexcept { return resumed_; }  ///< times that resume_body was called

  /// What send_body returns from now on. The one who returns pause calls Exchange::on_drained() later.
  void set_flow(Flow flow) noexcept { flow_ = flow; }
  /// Returns pause from that many body bytes on.
  void pause_from(std::size_t bytes) noexcept { pause_from_ = bytes; }
  /// Called last inside finish and abort: where an Exchange may be destroyed.
  void when_done(std::function<void()> call) { when_done_ = std::move(call); }

 private:
  void end(bool& how);

  int status_ = 0;
  Headers headers_;
  std::optional<std::uint64_t> content_length_;
  std::string body_;
  std::vector<std::string> pieces_;
  bool finished_ = false;
  bool aborted_ = false;
  int resumed_ = 0;
  Flow flow_ = Flow::more;
  std::optional<std::size_t> pause_from_;
  std::function<void()> when_done_;
};

}  // namespace gateway::testing
