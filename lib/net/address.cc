#include "net/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

namespace gateway::net {
namespace {

constexpr std::string_view kUnix = "unix:";

Error mistaken(std::string_view text, std::string_view why) {
  return {ErrorCode::invalid, "address \"" + std::string(text) + "\": " + std::string(why) +
                                  "; expected host:port, [::1]:port or unix:/path"};
}

Result<Address> unix_address(std::string_view text) {
  const std::string_view path = text.substr(kUnix.size());
  Address address;
  auto& un = reinterpret_cast<sockaddr_un&>(address.storage);
  if (path.empty()) return mistaken(text, "the path is missing");
  if (path.size() >= sizeof un.sun_path) return mistaken(text, "the path is too long for a unix socket");
  un.sun_family = AF_UNIX;
  std::ranges::copy(path, un.sun_path);
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

Address any_address(std::uint16_t port) {
  Address address;
  auto& in = reinterpret_cast<sockaddr_in&>(address.storage);
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(INADDR_ANY);
  in.sin_port = htons(port);
  address.size = sizeof in;
  return address;
}

std::string numeric_host(const Address& address) {
  char host[NI_MAXHOST] = "";
  ::getnameinfo(address.get(), address.size, host, sizeof host, nullptr, 0, NI_NUMERICHOST);
  return host;
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  if (text.starts_with(kUnix)) return unix_address(text);

  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return mistaken(text, "the port is missing");
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    return mistaken(text, "the port is not a number up to 65535");
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return mistaken(text, "an IPv6 address needs brackets");
  }
  if (host.empty() || host == "*") return any_address(port);

  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(std::string(host).c_str(), std::string(digits).c_str(), &hints, &found);
  if (failure != 0) return mistaken(text, ::gai_strerror(failure));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  Address address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  return address;
}

std::string_view Address::path() const noexcept {
  return is_unix() ? reinterpret_cast<const sockaddr_un&>(storage).sun_path : "";
}

std::string Address::host() const { return is_unix() ? "unix" : numeric_host(*this); }

bool Address::is_loopback() const noexcept {
  if (is_unix()) return true;
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
  }
  if (storage.ss_family != AF_INET6) return false;
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

std::string Address::text() const {
  if (is_unix()) return std::string(kUnix) + std::string(path());
  if (size == 0) return "";
  // The port lies in the same place for both families.
  const std::string port = std::to_string(ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port));
  const bool v6 = storage.ss_family == AF_INET6;
  std::string text(v6 ? "[" : "");
  return text.append(host()).append(v6 ? "]:" : ":").append(port);
}

Address local_address(int fd) noexcept {
  Address address;
  address.size = sizeof address.storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.size) != 0) return {};
  return address;
}

Address peer_address(int fd) noexcept {
  Address address;
  address.size = sizeof address.storage;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.size) != 0) return {};
  return address;
}

}  // namespace gateway::net
