#include "net/socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "net/io.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::net;

namespace {

struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "gateway-sockets-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

UniqueFd connect_to(const Address& address) {
  UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(fd.get(), address.get(), address.size) == 0);
  return fd;
}

AcceptResult accept_soon(int listener) {
  pollfd waiting{listener, POLLIN, 0};
  ::poll(&waiting, 1, 5000);
  return accept_one(listener);
}

}  // namespace

TEST_CASE("addresses are read and written the same", "[net][socket]") {
  const auto text =
      GENERATE(as<std::string>{}, "127.0.0.1:8080", "[::1]:80", "unix:/run/gateway.sock", "0.0.0.0:65535");
  CHECK(parse_address(text).value().text() == text);
}

TEST_CASE("an empty host and a star are every address, a name is looked up", "[net][socket]") {
  CHECK(parse_address(":80").value().text() == "0.0.0.0:80");
  CHECK(parse_address("*:80").value().text() == "0.0.0.0:80");
  CHECK(parse_address("[::]:80").value().host() == "::");
  CHECK_THAT(parse_address("localhost:80").value().text(), Catch::EndsWith(":80"));
}

TEST_CASE("what is no address is refused, in words", "[net][socket]") {
  const auto text =
      GENERATE(as<std::string>{}, "", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
               "127.0.0.1:-1", "127.0.0.1:80 ", "::1:80", "[::1:80", "300.1.1.1:80", "nonexistent.invalid:80", "unix:");
  const auto address = parse_address(text);
  REQUIRE_FALSE(address);
  CHECK(address.error().code == ErrorCode::invalid);
  CHECK_THAT(address.error().detail, Catch::Contains("\"" + text + "\""));
}

TEST_CASE("a path too long for a unix socket is refused", "[net][socket]") {
  CHECK_FALSE(parse_address("unix:/" + std::string(107, 'x')));
  CHECK(parse_address("unix:/" + std::string(106, 'x')));
}

TEST_CASE("accepted sockets do not block and do not wait to fill packets", "[net][socket]") {
  const auto listener = listen_on(parse_address("127.0.0.1:0").value()).value();
  CHECK(accept_one(listener.get()).what == Accepted::none);
  const auto address = local_address(listener.get());
  const UniqueFd client = connect_to(address);
  const auto accepted = accept_soon(listener.get());
  REQUIRE(accepted.what == Accepted::connection);
  CHECK((::fcntl(accepted.fd.get(), F_GETFL) & O_NONBLOCK) != 0);
  CHECK((::fcntl(accepted.fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  REQUIRE(::getsockopt(accepted.fd.get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size) == 0);
  CHECK(no_delay != 0);
  CHECK(peer_address(accepted.fd.get()).text() == local_address(client.get()).text());
  CHECK(peer_address(accepted.fd.get()).host() == "127.0.0.1");
}

TEST_CASE("listeners share a port when they are to", "[net][socket]") {
  const auto first = listen_on(parse_address("127.0.0.1:0").value()).value();
  const auto address = local_address(first.get());
  CHECK(listen_on(address));
  const auto alone = listen_on(address, {.share_port = false});
  REQUIRE_FALSE(alone);
  CHECK(alone.error().code == ErrorCode::unavailable);
  CHECK_THAT(alone.error().detail, Catch::Contains(address.text()) && Catch::Contains("in use"));
}

TEST_CASE("a unix socket that is left over is replaced, one in use and other files are not", "[net][socket]") {
  const Folder folder;
  const auto address = parse_address("unix:" + folder.path + "/s").value();
  { const auto left_over = listen_on(address).value(); }
  REQUIRE(std::filesystem::exists(folder.path + "/s"));
  const auto listener = listen_on(address, {.unix_mode = 0600}).value();
  struct stat info {};
  REQUIRE(::stat((folder.path + "/s").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  const UniqueFd client = connect_to(address);
  const auto accepted = accept_soon(listener.get());
  CHECK(accepted.what == Accepted::connection);
  CHECK(peer_address(accepted.fd.get()).host() == "unix");

  CHECK_FALSE(listen_on(address));
  CHECK(accept_soon(listener.get()).what == Accepted::connection);  // it asked, and left the socket alone

  std::ofstream(folder.path + "/file") << "precious";
  CHECK_FALSE(listen_on(parse_address("unix:" + folder.path + "/file").value()));
  CHECK(std::filesystem::file_size(folder.path + "/file") == 8);
  CHECK_FALSE(listen_on(parse_address("unix:" + folder.path + "/none/s").value()));
}

TEST_CASE("running out of descriptors is distinguished from an empty queue", "[net][socket]") {
  const auto listener = listen_on(parse_address("127.0.0.1:0").value()).value();
  const UniqueFd client = connect_to(local_address(listener.get()));
  pollfd waiting{listener.get(), POLLIN, 0};
  ::poll(&waiting, 1, 5000);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const UniqueFd next(::dup(listener.get()));  // the lowest number that is free, but one
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(next.get());
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
  const auto what = accept_one(listener.get()).what;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(what == Accepted::exhausted);
  CHECK(accept_one(listener.get()).what == Accepted::connection);
}

TEST_CASE("reads and writes report what a loop must know", "[net][io]") {
  const auto listener = listen_on(parse_address("127.0.0.1:0").value()).value();
  UniqueFd client = connect_to(local_address(listener.get()));
  UniqueFd server = std::move(accept_soon(listener.get()).fd);
  char room[100];
  CHECK(read_some(server.get(), room).status == IoStatus::again);
  CHECK(quiet(server.get()));

  std::string a = "hel", b = "lo";
  const iovec pieces[] = {{a.data(), a.size()}, {b.data(), b.size()}};
  CHECK(write_some(client.get(), pieces).bytes == 5);
  pollfd waiting{server.get(), POLLIN, 0};
  ::poll(&waiting, 1, 5000);
  CHECK_FALSE(quiet(server.get()));
  const auto got = read_some(server.get(), room);
  CHECK((got.status == IoStatus::done && std::string(room, got.bytes) == "hello"));

  std::string block(1 << 20, 'x');
  const iovec large{block.data(), block.size()};
  IoResult result;
  do result = write_some(server.get(), {&large, 1});
  while (result.status == IoStatus::done);
  CHECK(result.status == IoStatus::again);

  ::shutdown(client.get(), SHUT_WR);
  ::poll(&waiting, 1, 5000);
  CHECK(read_some(server.get(), room).status == IoStatus::closed);
  CHECK_FALSE(quiet(server.get()));
  reset_on_close(client.get());
  client.reset();
  CHECK(write_some(server.get(), {&large, 1}).status == IoStatus::closed);  // and no signal
}

TEST_CASE("pieces are joined up to the room, and one alone is not copied", "[net][io]") {
  std::string a = "ab", b = "cd", c = "efgh";
  const iovec pieces[] = {{nullptr, 0}, {a.data(), a.size()}, {b.data(), b.size()}, {c.data(), c.size()}};
  char room[6];
  const auto joined = join_front(pieces, room);
  CHECK(std::string(joined.begin(), joined.end()) == "abcdef");
  CHECK(join_front(std::span(pieces).subspan(3), room).data() == c.data());
  CHECK(join_front(std::span(pieces).first(2), room).data() == a.data());
  CHECK(join_front(std::span(pieces).first(1), room).empty());
  CHECK(join_front({}, room).empty());
}
