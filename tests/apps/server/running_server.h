// A server over loopback sockets, and clients of it.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/admin/mount.h"
#include "app/first_run.h"
#include "app/server/server.h"
#include "gateway/testing/memory_store.h"
#include "gateway/yaml_config.h"
#include "net/address.h"
#include "net/fd.h"
#include "support/catch.h"

namespace gateway::app {

inline const std::string kHealth = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "gateway-server-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

class Running {
 public:
  using Administer = std::function<AdminAnswer(const AdminRequest&, const WritePiece&)>;
  explicit Running(const std::function<void(Config&)>& change = {}, Administer admin = {})
      : Running(config_with(change), std::move(admin)) {}
  explicit Running(const Config& with, Administer admin = {}) : config(with) {
    auto store = std::make_unique<testing::MemoryStore>();
    key = make_default_project(*store, WallTime{}).value().value();
    Server::Options options;
    options.config = config;
    options.journal_directory = folder.path + "/journals";
    options.log = [this](const LogEvent& event) {
      const std::lock_guard lock(logging);
      logged.emplace_back(event.message);
    };
    if (admin) {
      options.mounts = [this, admin](Server&) {
        administration = std::make_unique<AdminThreads>(admin);
        return std::vector<Mount>{admin_mount(*administration)};
      };
      options.on_stopping = [this] {
        if (administration) administration->stop();
      };
    }
    auto started = Server::start(std::move(store), std::move(options));
    if (started) {
      server = std::move(*started);
    } else {
      trouble = started.error().detail;
    }
  }
  static Config config_with(const std::function<void(Config&)>& change) {
    Config config = default_config([](const std::string&) { return std::nullopt; });
    config.listen = {"127.0.0.1:0"};
    config.workers = 1;
    if (change) change(config);
    return config;
  }
  std::string address(std::size_t i = 0) const { return server->addresses().at(i); }

  std::string with_key() const {
    return "GET /v1/key HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + key + "\r\n\r\n";
  }
  // How many lines begin with it.
  std::ptrdiff_t told(std::string_view beginning) const {
    const std::lock_guard lock(logging);
    return std::count_if(logged.begin(), logged.end(), [&](const auto& line) { return line.starts_with(beginning); });
  }

  Folder folder;
  Config config;
  std::string key, trouble;
  mutable std::mutex logging;
  std::vector<std::string> logged;  // under logging
  std::unique_ptr<AdminThreads> administration;
  std::unique_ptr<Server> server;
};

class Visitor {
 public:
  explicit Visitor(const std::string& where) {
    const net::Address address = net::parse_address(where).value();
    fd.reset(::socket(address.storage.ss_family, SOCK_STREAM, 0));
    const timeval patience{20, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected = ::connect(fd.get(), address.get(), address.size) == 0;
  }
  std::string ask(const std::string& bytes) {
    ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return read();
  }
  // Until an answer with its length is complete, or the end.
  std::string read() {
    std::string all;
    char room[4096];
    for (ssize_t n; (n = ::recv(fd.get(), room, sizeof room, 0)) > 0;) {
      all.append(room, static_cast<std::size_t>(n));
      const std::size_t length = all.find("content-length: ");
      const std::size_t body = all.find("\r\n\r\n");
      if (length < body && body != all.npos && all.size() >= body + 4 + std::stoul(all.substr(length + 16))) break;
    }
    return all;
  }
  bool ended() {
    char byte;
    return ::recv(fd.get(), &byte, 1, 0) == 0;
  }
  net::UniqueFd fd;
  bool connected = false;
};

template <class Condition>
bool soon(Condition condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

inline std::string get(const std::string& path, const std::string& fields = {}) {
  return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}
inline const std::string kToken = "a-token-of-26-characters-!";

}  // namespace gateway::app
