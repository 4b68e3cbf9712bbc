#include "app/listening.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>

namespace gateway::app {
namespace {

constexpr std::string_view kName = "/listening";

// A lock of the open file, which ends with the process; to ask for it does not take it.
struct flock whole_file(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

std::string url_at(std::string_view address, bool has_tls) {
  if (address.starts_with("unix:")) return {};
  const std::size_t colon = address.rfind(':');
  std::string_view host = address.substr(0, colon);
  if (host.empty() || host == "*" || host == "0.0.0.0" || host == "[::]") host = "127.0.0.1";
  std::string url(has_tls ? "https://" : "http://");
  url.append(host);
  return colon == address.npos ? url : url.append(address.substr(colon));
}

std::string first_url(const std::vector<std::string>& addresses, bool has_tls) {
  for (const std::string& address : addresses) {
    if (std::string url = url_at(address, has_tls); !url.empty()) return url;
  }
  return {};
}

std::unique_ptr<ListeningNote> ListeningNote::write(const std::string& directory, const Listening& listening) {
  std::string path = directory + std::string(kName);
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return nullptr;
  struct flock lock = whole_file(F_WRLCK);
  const std::string text = listening.clients + '\n' + listening.administration + '\n';
  if (::fcntl(fd, F_OFD_SETLK, &lock) != 0 || ::ftruncate(fd, 0) != 0 ||
      ::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    ::close(fd);
    return nullptr;
  }
  return std::unique_ptr<ListeningNote>(new ListeningNote(fd, std::move(path)));
}

ListeningNote::~ListeningNote() {
  ::unlink(path_.c_str());  // while it is locked: another server's is not taken away
  ::close(fd_);
}

std::optional<Listening> read_listening(const std::string& directory) {
  const std::string path = directory + std::string(kName);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  struct flock lock = whole_file(F_RDLCK);
  const bool runs = ::fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(fd);
  if (!runs) return std::nullopt;
  std::ifstream file(path);
  Listening found;
  if (!std::getline(file, found.clients) || !std::getline(file, found.administration)) return std::nullopt;
  return found;
}

}  // namespace gateway::app
