#include "gateway/curl_upstream.h"

#include <curl/curl.h>

#include <string>
#include <unordered_map>

#include "adapters/curl/curl_call.h"

namespace gateway {

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
};

CurlUpstream::CurlUpstream(Loop& loop, CurlUpstreamOptions options) : state_(std::make_unique<State>(loop, options)) {}

CurlUpstream::~CurlUpstream() {
  // The queue of requests, and what libcurl is still to be told of the connections' ends, may be waiting in the loop.
  for (auto& [id, pool] : state_->pools) pool.clear();
  state_->shared.loop.defer_delete([gone = state_.release()] { delete gone; });
}

std::unique_ptr<Call> CurlUpstream::start(const UpstreamRequest& request, UpstreamReply& reply) {
  auto call = std::make_unique<curl::CurlCall>(state_->shared, state_->pool_of(*request.origin), reply);
  call->start(request);
  return call;
}

}  // namespace gateway
