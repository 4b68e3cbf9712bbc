// Running commands in a folder of their own.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "app/cli/command_line.h"
#include "gateway/sqlite_store.h"
#include "support/catch.h"

using namespace gateway;

// The working directory while it lives; removed with all that is in it.
class Folder {
 public:
  Folder() : before_(std::filesystem::current_path()) {
    std::string pattern = (std::filesystem::temp_directory_path() / "gateway-cli-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) FAIL("no temporary folder");
    path_ = pattern;
    std::filesystem::current_path(path_);
  }
  ~Folder() {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path() const { return path_.string(); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path_ / name) << text; }
  bool has(const std::string& name) const { return std::filesystem::exists(path_ / name); }

 private:
  std::filesystem::path before_, path_;
};

struct Ran {
  int status = 0;
  std::string out, err;
};

// Sunday, 2026-11-22T13:00:00Z.
inline WallTime fixed_now() {
  return std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + std::chrono::hours(13);
}

struct Cli {
  Folder folder;
  std::map<std::string, std::string> environment;
  WallTime now = fixed_now();
  bool is_terminal = false;
  std::optional<std::string> answers;  // what somebody types; absent: nobody is there
  std::function<bool(std::chrono::milliseconds)> wait = [](std::chrono::milliseconds) { return false; };

  Ran operator()(std::vector<std::string> arguments) {
    std::ostringstream out, err;
    const auto lookup = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment.find(name);
      if (found == environment.end()) return std::nullopt;
      return found->second;
    };
    std::istringstream in(answers.value_or(""));
    app::Session session{.out = out,
                         .err = err,
                         .environment = lookup,
                         .now = [this] { return now; },
                         .is_terminal = is_terminal,
                         .in = answers ? &in : nullptr,
                         .wait = wait};
    const int status = app::run(std::move(arguments), session);
    return {status, out.str(), err.str()};
  }
  // "project list --json", split at spaces.
  Ran operator()(const std::string& line) {
    std::istringstream words(line);
    std::vector<std::string> arguments;
    for (std::string word; words >> word;) arguments.push_back(word);
    return (*this)(std::move(arguments));
  }
  std::string good(const std::string& line) {
    const Ran ran = (*this)(line);
    INFO("gateway " << line);
    CHECK(ran.status == 0);
    const bool makes_key = line.starts_with("key create") || line.starts_with("key rotate");
    if (!makes_key) CHECK(ran.err.empty());  // the key is written there
    return ran.out;
  }
  std::unique_ptr<Store> store() {
    return open_sqlite_store({.path = "gateway.db", .create = true, .read_only = false}).value();
  }
};

inline RequestId request_id(int number, WallTime accepted = fixed_now()) {
  RequestId id;
  auto rest =
      static_cast<std::uint64_t>(std::chrono::floor<std::chrono::milliseconds>(accepted.time_since_epoch()).count());
  for (std::size_t i = 6; i-- > 0; rest >>= 8) id.bytes[i] = static_cast<std::uint8_t>(rest & 0xff);
  id.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

inline Row settled_row(int number, WallTime accepted = fixed_now()) {
  Row row;
  row.request = request_id(number, accepted);
  row.state = RowState::settled;
  row.cost_source = CostSource::priced;
  row.streamed = true;
  row.status = 200;
  row.process = 7;
  row.usage = {1000, 100, 0, 50, 10};
  row.hold = Money::units(900'000'000);
  row.cost = Money::units(123'450'000);
  row.accepted = accepted;
  row.dispatched = accepted + std::chrono::milliseconds(1);
  row.first_byte = accepted + std::chrono::milliseconds(250);
  row.ended = accepted + std::chrono::milliseconds(900);
  row.project = "demo";
  row.key = "key_abc";
  row.asked_model = "fast";
  row.target_model = "gpt-4o-mini";
  row.served_model = "gpt-4o-mini-2024";
  row.provider = "openai";
  row.finish_reason = "stop";
  row.price_version = "config";
  return row;
}

inline void append(Store& store, const std::vector<Row>& rows, const std::vector<RefusalCount>& refusals = {}) {
  REQUIRE(store.append({rows, refusals}));
}
