// OpenSSL's way to a socket that raises no SIGPIPE.
#pragma once

struct bio_st;

namespace gateway::net {

// A BIO over a non-blocking socket, which stays the caller's; null when there is no memory. Whoever takes it
// (SSL_set_bio) frees it.
bio_st* new_socket_bio(int fd) noexcept;

}  // namespace gateway::net
