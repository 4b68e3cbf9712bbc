#include "adapters/curl/connector.h"

#include <fcntl.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace gateway::curl {
namespace {

std::string url_of(const Origin& origin) {
  const bool v6 = origin.host.find(':') != std::string::npos;
  return origin.scheme + "://" + (v6 ? "[" : "") + origin.host + (v6 ? "]:" : ":") + std::to_string(origin.port) + "/";
}

}  // namespace

Connector::Connector(Loop& loop) : loop_(loop) { curl_global_init(CURL_GLOBAL_DEFAULT); }
Connector::~Connector() = default;

CurlMulti& Connector::roomy(Multis& multis) {
  auto& all = multis.all;
  // All but one that have emptied go, at the end of the turn: libcurl may be on the stack.
  const auto empty = std::stable_partition(all.begin(), all.end(), [](const auto& m) { return m->members() != 0; });
  while (all.end() - empty > 1) {
    loop_.defer_delete([gone = all.back().release()] { delete gone; });
    all.pop_back();
  }
  const auto found = std::ranges::find_if(all, [&](const auto& m) { return m->members() < multis.most; });
  return found != all.end() ? **found : *all.emplace_back(std::make_unique<CurlMulti>(loop_));
}

std::unique_ptr<Connecting> Connector::connect(const Origin& origin, std::chrono::milliseconds limit,
                                               ConnectSink& sink) {
  const bool leaves = origin.scheme == "http" && !origin.proxy.starts_with("https:");
  return std::make_unique<Connecting>(roomy(leaves ? leaving_ : staying_), trust_, origin, limit, sink);
}

Connecting::Connecting(CurlMulti& multi, Trust& trust, const Origin& origin, std::chrono::milliseconds limit,
                       ConnectSink& sink)
    : sink_(sink) {
  CURL* const easy = curl_easy_init();
  if (easy == nullptr) detail::die("libcurl gives no handle");
  set_options(easy, trust, origin, limit);
  easy_ = MultiMember(multi, easy);
}

void Connecting::set_options(CURL* easy, Trust& trust, const Origin& origin, std::chrono::milliseconds limit) {
  curl_easy_setopt(easy, CURLOPT_PRIVATE, static_cast<EasyOwner*>(this));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, words_);
  curl_easy_setopt(easy, CURLOPT_URL, url_of(origin).c_str());
  curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, std::max<long>(1, static_cast<long>(limit.count())));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 1024L);
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // giving up does not wait for a name that is being looked up
#endif
  // A proxy is always asked for a tunnel, so that what follows is the same with and without one.
  curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
  if (origin.proxy == "direct") {
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  } else if (!origin.proxy.empty()) {
    curl_easy_setopt(easy, CURLOPT_PROXY, origin.proxy.c_str());
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  }
  set_trust(easy, trust, origin);
}

void Connecting::set_trust(CURL* easy, Trust& trust, const Origin& origin) {
  // Without this callback (a libcurl that is not OpenSSL's) it must be taken for granted that there is TLS.
  if (curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls_context) != CURLE_OK) tls_.used = true;
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, &tls_);
  if (!origin.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, origin.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(easy, CURLOPT_SHARE, trust.share_for_others());
    return;
  }
  curl_easy_setopt(easy, CURLOPT_SHARE, trust.share_for_system());
  if (tls_.used || origin.scheme != "https") return;
  tls_.store = trust.system_store();
  if (tls_.store == nullptr) return;
  curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr);
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
}

CURLcode Connecting::on_tls_context(CURL*, void* context, void* self) {
  Tls& tls = *static_cast<Tls*>(self);
  auto* const ssl = static_cast<SSL_CTX*>(context);
  tls.used = true;
  // A write that must wait may be made again from another buffer, and reports how much of it was written.
  SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (tls.store != nullptr) SSL_CTX_set1_cert_store(ssl, tls.store);
  return CURLE_OK;
}

void Connecting::on_done(CURLcode result) {
  if (result != CURLE_OK) return sink_.on_connected(failure(result));
  CURL* const easy = easy_.get();
  curl_socket_t fd = CURL_SOCKET_BAD;
  curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd);
  if (fd == CURL_SOCKET_BAD) return sink_.on_connected(Error{ErrorCode::unreachable, "the connection closed at once"});
  if (tls_.used) {
    curl_easy_setopt(easy, CURLOPT_PRIVATE, nullptr);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, nullptr);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, nullptr);
    return sink_.on_connected(Wire(std::move(easy_), fd));
  }
  // Without TLS the socket alone is enough, and libcurl's memory for it need not stay.
  net::UniqueFd own(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  const int error = errno;
  easy_ = MultiMember();
  if (!own) return sink_.on_connected(Error{ErrorCode::unreachable, std::strerror(error)});
  sink_.on_connected(Wire(std::move(own)));
}

Error Connecting::failure(CURLcode result) const {
  const std::string_view words = words_;
  // libcurl repeats a proxy's URL, with its password, if it cannot parse it.
  const bool may_tell =
      words.find('@') != std::string_view::npos || words.find("nsupported proxy") != std::string_view::npos;
  std::string text = words.empty() || may_tell ? curl_easy_strerror(result) : std::string(words);
  if (words.find("wrong version number") != std::string_view::npos) text += " (no TLS is spoken there: http://?)";
  return {ErrorCode::unreachable, std::move(text)};
}

}  // namespace gateway::curl
