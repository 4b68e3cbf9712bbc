#include "adapters/curl/trust.h"

#include <curl/curl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>

#include <cstdlib>

namespace gateway::curl {
namespace {

bool given(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != 0;
}

bool load_system(X509_STORE* store) {
  // OpenSSL's own places, which these variables move.
  if (given(X509_get_default_cert_file_env()) || given(X509_get_default_cert_dir_env())) {
    return X509_STORE_set_default_paths(store) == 1;
  }
  // libcurl's are those of the distribution. A directory of hashed names is read certificate by certificate, as needed.
  const curl_version_info_data* const info = curl_version_info(CURLVERSION_NOW);
  if (info->capath != nullptr && ::access(info->capath, R_OK | X_OK) == 0)
    return X509_STORE_load_path(store, info->capath) == 1;
  if (info->cainfo != nullptr && ::access(info->cainfo, R_OK) == 0)
    return X509_STORE_load_file(store, info->cainfo) == 1;
  return false;
}

}  // namespace

Trust::Trust() : with_sessions_(curl_share_init()), without_sessions_(curl_share_init()) {
  curl_share_setopt(with_sessions_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  curl_share_setopt(with_sessions_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  curl_share_setopt(without_sessions_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
}

Trust::~Trust() {
  curl_share_cleanup(with_sessions_);
  curl_share_cleanup(without_sessions_);
  X509_STORE_free(store_);
}

x509_store_st* Trust::system_store() {
  if (looked_) return store_;
  looked_ = true;
  X509_STORE* const store = X509_STORE_new();
  if (store != nullptr && load_system(store)) return store_ = store;
  X509_STORE_free(store);
  return nullptr;
}

}  // namespace gateway::curl
