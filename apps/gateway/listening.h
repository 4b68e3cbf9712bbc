// Where a server is reached, noted for the commands on its machine: a file beside its journals that is locked for as
// long as the server runs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::app {

struct Listening {
  std::string clients{};         // "http://127.0.0.1:8080"; empty: at sockets alone
  std::string administration{};  // empty: where clients are, or at sockets alone
};

// The URL for this machine of an address to listen at, "0.0.0.0:8080"; empty: it is a socket's path.
std::string url_at(std::string_view address, bool has_tls);

// That of the first address that has one; empty: none has.
std::string first_url(const std::vector<std::string>& addresses, bool has_tls);

// The note while it lives. Without one the commands take the configuration's addresses.
class ListeningNote {
 public:
  // Null: it cannot be written, or another server runs there.
  static std::unique_ptr<ListeningNote> write(const std::string& directory, const Listening& listening);
  ~ListeningNote();
  ListeningNote(const ListeningNote&) = delete;

 private:
  ListeningNote(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  const int fd_;
  const std::string path_;
};

// That of the server that runs there now; absent: none does, as far as is known.
std::optional<Listening> read_listening(const std::string& directory);

}  // namespace gateway::app
