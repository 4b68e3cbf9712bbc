#include "gateway/curl_upstream.h"

#include <curl/curl.h>

#include <list>
#include <string>
#include <unordered_map>
#include <utility>

#include "adapters/curl/curl_call.h"

namespace gateway {
namespace {

constexpr auto kDrain = std::chrono::milliseconds(250);

}  // namespace

// A call whose answer is known: what is left of its body is read and dropped, so that its connection can serve again.
class CurlUpstream::Drained final : private UpstreamReply {
 public:
  using List = std::list<Drained>;

  Drained(Loop& loop, List& list, std::unique_ptr<curl::CurlCall> call) : list_(list), call_(std::move(call)) {
    call_->redirect(*this);
    call_->resume();
    loop.arm(alarm_, loop.now() + kDrain);
  }
  List::iterator place;  // in the list

 private:
  void on_head(const UpstreamHead&) override {}
  Flow on_body(std::string_view) override { return Flow::more; }
  void on_end(Result<void>) override { remove(); }
  void remove() { list_.erase(place); }

  List& list_;
  std::unique_ptr<curl::CurlCall> call_;
  MemberAlarm<Drained, &Drained::remove> alarm_{*this};
};

const char* curl_library_version() noexcept { return ::curl_version_info(CURLVERSION_NOW)->version; }

struct CurlUpstream::State {
  State(Loop& loop, const CurlUpstreamOptions& o)
      : options(o), shared{loop,
                           curl::Connector(loop),
                           {},
                           o.max_decoded,
                           curl::SendQueue(loop),
                           std::make_unique<char[]>(curl::Shared::kRoom),
                           {}} {
    shared.limits.max_head = o.max_head;
  }

  curl::ConnectionPool& pool_of(const Origin& origin) {
    const auto found = pools.find(origin.id);
    if (found != pools.end()) return found->second;
    return pools.try_emplace(origin.id, shared.loop, origin, options.idle_per_origin, options.keep_idle).first->second;
  }

  CurlUpstreamOptions options;
  curl::Shared shared;
  std::unordered_map<std::string, curl::ConnectionPool> pools;
  Drained::List draining;
};

CurlUpstream::CurlUpstream(Loop& loop, CurlUpstreamOptions options) : state_(std::make_unique<State>(loop, options)) {}

CurlUpstream::~CurlUpstream() {
  state_->draining.clear();
  // The queue of requests, and the ends of connections not yet reported to libcurl, may be waiting in the loop.
  for (auto& [id, pool] : state_->pools) pool.clear();
  state_->shared.loop.defer_delete([gone = state_.release()] { delete gone; });
}

std::unique_ptr<Call> CurlUpstream::start(const UpstreamRequest& request, UpstreamReply& reply) {
  auto call = std::make_unique<curl::CurlCall>(state_->shared, state_->pool_of(*request.origin), reply);
  call->start(request);
  return call;
}

void CurlUpstream::drain(std::unique_ptr<Call> call) {
  std::unique_ptr<curl::CurlCall> own(static_cast<curl::CurlCall*>(call.release()));
  if (!own->request_done()) return;
  Drained::List& list = state_->draining;
  list.emplace_front(state_->shared.loop, list, std::move(own));
  list.front().place = list.begin();
}

}  // namespace gateway
