#include "net/tls_bio.h"

#include <openssl/bio.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "net/io.h"

namespace gateway::net {
namespace {

int descriptor(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

int read_bio(BIO* bio, char* into, std::size_t size, std::size_t* got) {
  BIO_clear_retry_flags(bio);
  const IoResult result = read_some(descriptor(bio), {into, size});
  *got = result.bytes;
  if (result.status == IoStatus::again) BIO_set_retry_read(bio);
  if (result.status == IoStatus::closed && result.error == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return result.status == IoStatus::done ? 1 : 0;
}

int write_bio(BIO* bio, const char* from, std::size_t size, std::size_t* put) {
  BIO_clear_retry_flags(bio);
  const iovec piece{const_cast<char*>(from), size};
  const IoResult result = write_some(descriptor(bio), {&piece, 1});
  *put = result.bytes;
  if (result.status == IoStatus::again) BIO_set_retry_write(bio);
  return result.status == IoStatus::done ? 1 : 0;
}

long control_bio(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

const BIO_METHOD* method() noexcept {
  static const std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)> kMethod = [] {
    BIO_METHOD* const m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
    if (m != nullptr) {
      BIO_meth_set_read_ex(m, read_bio);
      BIO_meth_set_write_ex(m, write_bio);
      BIO_meth_set_ctrl(m, control_bio);
    }
    return std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)>(m, BIO_meth_free);
  }();
  return kMethod.get();
}

}  // namespace

bio_st* new_socket_bio(int fd) noexcept {
  const BIO_METHOD* const m = method();
  BIO* const bio = m != nullptr ? BIO_new(m) : nullptr;
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace gateway::net
