#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <fstream>

namespace gateway::net {
namespace {

Error mistaken(const std::string& file, const char* what) {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return {ErrorCode::invalid, file + ": " + what + (reason != nullptr ? std::string(" (") + reason + ")" : "")};
}

bool readable(const std::string& file) { return std::ifstream(file).good(); }

int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  const int found =
      SSL_select_next_proto(const_cast<unsigned char**>(out), out_size, kOurs, sizeof kOurs - 1, offered, offered_size);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::load(const std::string& certificate_file, const std::string& key_file) {
  ERR_clear_error();
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr) return mistaken(certificate_file, "no TLS here");
  std::shared_ptr<TlsContext> owner(new TlsContext(context));

  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context, select_protocol, nullptr);
  static constexpr unsigned char kSessionName[] = "gateway";
  SSL_CTX_set_session_id_context(context, kSessionName, sizeof kSessionName - 1);
  // Without this, OpenSSL asks the terminal for the passphrase of a key that has one.
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });

  if (!readable(certificate_file)) return Error{ErrorCode::invalid, certificate_file + ": cannot be read"};
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
    return mistaken(certificate_file, "not a usable PEM certificate");
  }
  if (!readable(key_file)) return Error{ErrorCode::invalid, key_file + ": cannot be read"};
  // Compares with the certificate too, and reports "key values mismatch" if they differ.
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return mistaken(key_file, "not a usable PEM key for the certificate; it must have no passphrase");
  }
  return owner;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

}  // namespace gateway::net
