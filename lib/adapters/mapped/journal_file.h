// The file that holds the journals of one process: a header page, then one ring for each worker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/journal.h"
#include "gateway/result.h"

namespace gateway::mapped {

inline constexpr std::size_t kPage = 4096;

constexpr std::size_t whole_pages(std::size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

// Native byte order, as the rings are: a journal never leaves its machine.
struct FileHeader {
  std::uint64_t process = 0;
  std::uint64_t workers = 0;
  std::uint64_t ring_bytes = 0;  // of one worker, whole pages
};
void write_header(std::span<std::byte> file, const FileHeader& header);
// Nothing if it is damaged or does not fit the file's size.
std::optional<FileHeader> read_header(std::span<const std::byte> file);

// All that can be read of a file. With a damaged header the rings are looked for page by page.
// False: there is not one ring.
bool recover_file(std::span<const std::byte> file, std::uint64_t process, Journal::Records& out);

std::string file_name(std::uint64_t process);  // "<16 hex digits>.journal"
std::optional<std::uint64_t> process_of_name(std::string_view name);

// A descriptor, locked or not, closed with its scope.
class File {
 public:
  File() = default;
  explicit File(int fd) : fd_(fd) {}
  File(File&& o) noexcept : fd_(o.fd_) { o.fd_ = -1; }
  File& operator=(File&& o) noexcept;
  ~File();
  explicit operator bool() const noexcept { return fd_ >= 0; }
  int fd() const noexcept { return fd_; }
  bool lock() const noexcept;                          // exclusive, without waiting
  bool is_at(const std::string& path) const noexcept;  // the path leads to this very file

 private:
  int fd_ = -1;
};

// Pages of a file, shared with whoever else maps it.
class Mapping {
 public:
  Mapping() = default;
  static Result<Mapping> of(const File& file, std::size_t bytes, bool writable);
  Mapping(Mapping&& o) noexcept : bytes_(o.bytes_) { o.bytes_ = {}; }
  Mapping& operator=(Mapping&& o) noexcept;
  ~Mapping();
  std::span<std::byte> bytes() const noexcept { return bytes_; }

 private:
  std::span<std::byte> bytes_;
};

}  // namespace gateway::mapped
