#include "adapters/mapped/journal_file.h"

#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include "base/checksum.h"

namespace gateway::mapped {
namespace {

constexpr std::uint64_t kMagic = 0x31304c4e524a574d;  // "MWJRNL01"
constexpr std::string_view kSuffix = ".journal";

struct Page {
  std::uint64_t magic = kMagic;
  FileHeader header;
  std::uint32_t checksum = 0;
  std::uint32_t reserved = 0;
};

std::uint32_t checksum_of(const Page& page) {
  return crc32c(std::as_bytes(std::span(&page, 1)).first(offsetof(Page, checksum)));
}

bool append_ring(std::span<const std::byte> ring, Journal::Records& out) {
  auto found = Journal::recover(ring);
  if (!found) return false;
  std::move(found->rows.begin(), found->rows.end(), std::back_inserter(out.rows));
  std::move(found->refusals.begin(), found->refusals.end(), std::back_inserter(out.refusals));
  out.damaged += found->damaged;
  return true;
}

}  // namespace

void write_header(std::span<std::byte> file, const FileHeader& header) {
  Page page;
  page.header = header;
  page.checksum = checksum_of(page);
  std::memcpy(file.data(), &page, sizeof page);
}

std::optional<FileHeader> read_header(std::span<const std::byte> file) {
  Page page;
  if (file.size() < kPage) return std::nullopt;
  std::memcpy(static_cast<void*>(&page), file.data(), sizeof page);
  if (page.magic != kMagic || page.checksum != checksum_of(page)) return std::nullopt;
  const FileHeader& header = page.header;
  if (header.workers == 0 || header.ring_bytes % kPage != 0) return std::nullopt;
  if ((file.size() - kPage) / header.workers < header.ring_bytes) return std::nullopt;
  return header;
}

bool recover_file(std::span<const std::byte> file, std::uint64_t process, Journal::Records& out) {
  bool any = false;
  if (const auto header = read_header(file)) {
    for (std::size_t i = 0; i < header->workers; ++i) {
      if (append_ring(file.subspan(kPage + i * header->ring_bytes, header->ring_bytes), out)) {
        any = true;
      } else {
        ++out.damaged;
      }
    }
    return any;
  }
  ++out.damaged;
  for (std::size_t at = kPage; at < file.size(); at += kPage) {
    const auto rest = file.subspan(at);
    const auto owner = Journal::process_of(rest);
    if (owner && *owner == process && append_ring(rest, out)) any = true;
  }
  return any;
}

std::string file_name(std::uint64_t process) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name(16, '0');
  for (std::size_t i = 16; i-- > 0; process >>= 4) name[i] = kDigits[process & 0xf];
  return name.append(kSuffix);
}

std::optional<std::uint64_t> process_of_name(std::string_view name) {
  if (name.size() != 16 + kSuffix.size() || name.substr(16) != kSuffix) return std::nullopt;
  std::uint64_t process = 0;
  for (const char c : name.substr(0, 16)) {
    if (c >= '0' && c <= '9') {
      process = process << 4 | static_cast<std::uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      process = process << 4 | static_cast<std::uint64_t>(c - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return process;
}

File& File::operator=(File&& o) noexcept {
  std::swap(fd_, o.fd_);
  return *this;
}

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

bool File::lock() const noexcept { return ::flock(fd_, LOCK_EX | LOCK_NB) == 0; }

bool File::is_at(const std::string& path) const noexcept {
  struct stat mine {
  }, there{};
  return ::fstat(fd_, &mine) == 0 && ::stat(path.c_str(), &there) == 0 && mine.st_dev == there.st_dev &&
         mine.st_ino == there.st_ino;
}

Result<Mapping> Mapping::of(const File& file, std::size_t bytes, bool writable) {
  Mapping mapping;
  if (bytes == 0) return mapping;
  const int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
  void* memory = ::mmap(nullptr, bytes, protection, MAP_SHARED, file.fd(), 0);
  if (memory == MAP_FAILED) {
    return Error{ErrorCode::unavailable, std::string("cannot map a journal: ") + std::strerror(errno)};
  }
  mapping.bytes_ = {static_cast<std::byte*>(memory), bytes};
  return mapping;
}

Mapping& Mapping::operator=(Mapping&& o) noexcept {
  std::swap(bytes_, o.bytes_);
  return *this;
}

Mapping::~Mapping() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

}  // namespace gateway::mapped
