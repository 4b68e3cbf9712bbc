// One GET of a JSON document from a provider, for the gateway's own use: catalogues, costs asked for afterwards.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "gateway/result.h"
#include "gateway/timer.h"
#include "gateway/upstream.h"
#include "providers/provider.h"

namespace gateway {

class Fetch final : private UpstreamReply {
 public:
  struct Answer {
    int status = 0;
    std::string_view body;
  };
  // Called once. The Fetch may be destroyed in it.
  using Done = std::function<void(const Result<Answer>&)>;

  // At most 64 MiB and `limit` of time. `path` follows the base URL's. Destroying it cancels.
  Fetch(Timer& timer, Upstream& upstream, std::shared_ptr<const Provider> provider, std::string_view path,
        std::chrono::milliseconds limit, Done done);

 private:
  void on_head(const UpstreamHead& head) override { answer_.status = head.status; }
  Flow on_body(std::string_view bytes) override;
  void on_end(Result<void> result) override;
  void on_time() { finish(Error{ErrorCode::timeout, "no answer within the time limit"}); }
  void finish(Result<Answer> result);

  std::shared_ptr<const Provider> provider_;
  Done done_;
  Answer answer_;
  std::string body_;
  MemberAlarm<Fetch, &Fetch::on_time> alarm_{*this};
  std::unique_ptr<Call> call_;
};

}  // namespace gateway
