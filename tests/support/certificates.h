// Certificates for tests, made on the spot: an authority and what it signs, as PEM files in a directory of their own.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

namespace gateway::testing {

class Certificates {
 public:
  // `names` as in a subjectAltName: "DNS:localhost,IP:127.0.0.1".
  explicit Certificates(const std::string& names = "DNS:localhost,IP:127.0.0.1") {
    std::string pattern = (std::filesystem::temp_directory_path() / "gateway-certificates-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    EVP_PKEY* const ca_key = EVP_EC_gen("P-256");
    EVP_PKEY* const leaf_key = EVP_EC_gen("P-256");
    X509* const ca = make("Test authority of " + folder_, ca_key, nullptr, ca_key, "critical,CA:TRUE", "");
    X509* const leaf = make("Test server", leaf_key, ca, ca_key, "CA:FALSE", names);
    write(ca_file(), [&](FILE* f) { PEM_write_X509(f, ca); });
    write(certificate_file(), [&](FILE* f) { PEM_write_X509(f, leaf); });
    write(key_file(), [&](FILE* f) { PEM_write_PrivateKey(f, leaf_key, nullptr, nullptr, 0, nullptr, nullptr); });
    X509_free(ca);
    X509_free(leaf);
    EVP_PKEY_free(ca_key);
    EVP_PKEY_free(leaf_key);
  }
  ~Certificates() { std::filesystem::remove_all(folder_); }
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  std::string folder() const { return folder_; }
  std::string ca_file() const { return folder_ + "/ca.pem"; }
  std::string certificate_file() const { return folder_ + "/server.pem"; }
  std::string key_file() const { return folder_ + "/server.key"; }

 private:
  static void extend(X509* certificate, X509* issuer, int what, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  static X509* make(const std::string& name, EVP_PKEY* key, X509* issuer, EVP_PKEY* signer, const char* constraints,
                    const std::string& names) {
    static long serial = 1;
    X509* const certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 24 * 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* const subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1,
                               -1, 0);
    X509* const from = issuer != nullptr ? issuer : certificate;
    X509_set_issuer_name(certificate, X509_get_subject_name(from));
    extend(certificate, from, NID_basic_constraints, constraints);
    if (!names.empty()) extend(certificate, from, NID_subject_alt_name, names);
    X509_sign(certificate, signer, EVP_sha256());
    return certificate;
  }

  template <class Write>
  static void write(const std::string& file, const Write& body) {
    FILE* const f = std::fopen(file.c_str(), "w");
    if (f == nullptr) std::abort();
    body(f);
    std::fclose(f);
  }

  std::string folder_;
};

}  // namespace gateway::testing
