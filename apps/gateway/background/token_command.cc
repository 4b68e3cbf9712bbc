#include "app/background/token_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <simdjson.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include "base/extra_fields.h"

namespace gateway::app {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t kMostPrinted = 64 * 1024;
constexpr std::size_t kMostSaid = 256;  // of why it failed
constexpr std::chrono::milliseconds kLook{100};

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  ~Pipe() {
    close_one(0);
    close_one(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  bool is_open() const noexcept { return ends_[0] >= 0; }
  int end(std::size_t which) const noexcept { return ends_[which]; }
  void close_one(std::size_t which) noexcept {
    if (ends_[which] >= 0) ::close(ends_[which]);
    ends_[which] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};  // read, write
};

// In a process group of its own, so that it ends with all that it has started.
class Child {
 public:
  Child(const std::vector<std::string>& run, const Pipe& out, const Pipe& err) {
    std::vector<char*> arguments;
    for (const std::string& each : run) arguments.push_back(const_cast<char*>(each.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, out.end(1), 1);
    ::posix_spawn_file_actions_adddup2(&files, err.end(1), 2);
    ::posix_spawn_file_actions_addclosefrom_np(&files, 3);
    ::posix_spawnattr_init(&how);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&how, &none);
    ::posix_spawnattr_setsigdefault(&how, &all);
    ::posix_spawnattr_setpgroup(&how, 0);
    ::posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    fault_ = ::posix_spawnp(&pid_, arguments[0], &files, &how, arguments.data(), environ);
    ::posix_spawnattr_destroy(&how);
    ::posix_spawn_file_actions_destroy(&files);
  }
  ~Child() { end(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int fault() const noexcept { return fault_; }
  // Ends it if it has not ended. Returns what waitpid() says.
  int end() noexcept {
    if (fault_ != 0 || ended_) return status_;
    ::kill(-pid_, SIGKILL);
    return wait(0), status_;
  }
  // Whether it has ended by itself.
  bool has_ended() noexcept { return ended_ || wait(WNOHANG); }
  int status() const noexcept { return status_; }

 private:
  bool wait(int flags) noexcept {
    pid_t found = 0;
    while ((found = ::waitpid(pid_, &status_, flags)) < 0 && errno == EINTR) continue;
    return ended_ = found != 0;
  }

  pid_t pid_ = 0;
  int fault_ = 0, status_ = 0;
  bool ended_ = false;
};

// False: it is at its end.
bool read_some(int from, std::string& to, std::size_t most) {
  char piece[4096];
  const ssize_t size = ::read(from, piece, sizeof piece);
  if (size < 0) return errno == EINTR || errno == EAGAIN;
  const std::size_t room = most - std::min(most, to.size());
  to.append(piece, std::min(room, static_cast<std::size_t>(size)));
  return size > 0;
}

std::string_view without_space(std::string_view text) noexcept {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// The last line of what it said of its failure, without what a terminal would obey.
std::string last_words(std::string_view said) {
  said = without_space(said);
  if (const std::size_t line = said.rfind('\n'); line != said.npos) said.remove_prefix(line + 1);
  std::string out(without_space(said).substr(0, kMostSaid));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, ' ');
  return out;
}

std::optional<std::int64_t> number_of(const object& from, std::string_view key) {
  std::int64_t number = 0;
  if (from[key].get(number) == simdjson::SUCCESS) return number;
  std::string_view text;
  if (from[key].get(text) != simdjson::SUCCESS) return std::nullopt;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<MadeToken> read_object(const object& root, WallTime now) {
  std::string_view text;
  for (const char* key : {"access_token", "accessToken", "token"}) {
    if (root[key].get(text) == simdjson::SUCCESS) break;
  }
  MadeToken out{Secret(std::string(text)), std::nullopt};
  if (const auto length = number_of(root, "expires_in")) {
    out.lives = std::chrono::seconds(*length);
  } else if (const auto end = number_of(root, "expires_on")) {
    out.lives = std::chrono::seconds(*end) - std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  }
  return out;
}

}  // namespace

Result<MadeToken> read_token(std::string_view printed, WallTime now) {
  const Error none{ErrorCode::invalid, "it prints no token: neither one line of text nor JSON with 'access_token'"};
  printed = without_space(printed);
  MadeToken out;
  if (printed.starts_with('{')) {
    simdjson::dom::parser parser;
    object root;
    if (parser.parse(printed.data(), printed.size()).get(root) != simdjson::SUCCESS) return none;
    auto read = read_object(root, now);
    if (!read) return read;
    out = std::move(*read);
  } else {
    out.key = Secret(std::string(printed));
  }
  if (out.key.empty() || !fault_of_key(out.key.reveal()).empty()) return none;
  if (out.lives && out.lives->count() <= 0) return Error{ErrorCode::invalid, "it prints a token that has ended"};
  return out;
}

Result<MadeToken> make_token(const TokenCommand& command, WallTime now, const std::stop_token& stop) {
  const std::string& program = command.run.at(0);
  const auto fault = [&program](std::string_view why) {
    return Error{ErrorCode::unavailable, fmt::format("'{}' {}", program, why)};
  };
  Pipe out, err;
  if (!out.is_open() || !err.is_open()) return fault("cannot be run: there are no pipes left");
  Child child(command.run, out, err);
  if (child.fault() != 0) {
    Error error = fault(fmt::format("cannot be run: {}", std::strerror(child.fault())));
    if (child.fault() == ENOENT) error.code = ErrorCode::not_found;
    return error;
  }
  out.close_one(1);
  err.close_one(1);
  std::string printed, said;
  const auto deadline = std::chrono::steady_clock::now() + command.timeout;
  for (bool prints = true, says = true; prints || says || !child.has_ended();) {
    if (stop.stop_requested()) return fault("was ended, as this server was");
    if (std::chrono::steady_clock::now() >= deadline) {
      return fault(fmt::format("takes more than {} s", command.timeout.count()));
    }
    const bool had_ended = child.has_ended();
    pollfd ends[] = {{prints ? out.end(0) : -1, POLLIN, 0}, {says ? err.end(0) : -1, POLLIN, 0}};
    ::poll(ends, 2, static_cast<int>(kLook.count()));
    if (ends[0].revents != 0) prints = read_some(out.end(0), printed, kMostPrinted);
    if (ends[1].revents != 0) says = read_some(err.end(0), said, kMostPrinted);
    // What it has left running may keep the pipes open: nothing of that is waited for.
    if (had_ended && ends[0].revents == 0 && ends[1].revents == 0) break;
  }
  const int status = child.status();
  if (WIFSIGNALED(status)) return fault(fmt::format("was ended by signal {}", WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0) {
    const std::string words = last_words(said);
    return fault(fmt::format("ended with status {}{}{}", WEXITSTATUS(status), words.empty() ? "" : ": ", words));
  }
  auto made = read_token(printed, now);
  std::fill(printed.begin(), printed.end(), '\0');
  if (!made) return fault(made.error().detail.substr(made.error().detail.starts_with("it ") ? 3 : 0));
  return made;
}

}  // namespace gateway::app
