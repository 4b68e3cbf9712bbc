#include "adapters/sqlite/table_image.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace gateway::sqlite {
namespace {

// See sqlite.org/fileformat2.html for the places and numbers below.
constexpr std::size_t kPageSize = 8 * 1024;
constexpr std::size_t kPages = 512;
constexpr std::size_t kRoot = 2;  // the page where the first table begins

// --- the file's header
constexpr std::size_t kChangeCounter = 24, kPageCount = 28, kVersionValidFor = 92;
constexpr std::uint32_t kSchemaChanges = 1000;  // more than making the schema has counted

// --- a page of a table's tree: a header, the cells' offsets in the order of ids, and from the page's end the cells
constexpr std::uint8_t kLeaf = 0x0d, kInterior = 0x05;

class Page {
 public:
  Page(std::uint8_t* bytes, std::uint8_t type) : bytes_(bytes), type_(type) {}

  // Null: it does not fit any more.
  std::uint8_t* add_cell(std::size_t size) {
    if (offsets() + 2 * (cells_ + 1) + size > end_) return nullptr;
    end_ -= size;
    put_big_endian<2>(bytes_ + offsets() + 2 * cells_++, end_);
    return bytes_ + end_;
  }
  void finish(std::uint32_t last_child) {
    bytes_[0] = type_;
    put_big_endian<2>(bytes_ + 1, 0);  // no free blocks
    put_big_endian<2>(bytes_ + 3, cells_);
    put_big_endian<2>(bytes_ + 5, end_);
    bytes_[7] = 0;  // no fragments
    if (type_ == kInterior) put_big_endian<4>(bytes_ + 8, last_child);
  }

 private:
  std::size_t offsets() const { return type_ == kInterior ? 12 : 8; }

  std::uint8_t* bytes_;
  std::uint8_t type_;
  std::size_t cells_ = 0, end_ = kPageSize;
};

struct Freed {
  void operator()(void* memory) const { sqlite3_free(memory); }
};

}  // namespace

// SQLite itself writes the schema, as it is from then on.
TableImage::TableImage(Database& db, const std::string& name, const std::string& create) {
  db.run(("ATTACH ':memory:' AS " + name).c_str());
  db.run(("PRAGMA " + name + ".page_size = " + std::to_string(kPageSize)).c_str());
  db.run(("PRAGMA " + name + ".auto_vacuum = NONE").c_str());  // else some pages have another use
  db.run(create.c_str());
  if (!db.take_error()) return;
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, Freed> schema(sqlite3_serialize(db.handle(), name.c_str(), &size, 0));
  file_ = static_cast<std::uint8_t*>(sqlite3_malloc64(kPages * kPageSize));
  if (schema == nullptr || file_ == nullptr) detail::die("out of memory");
  const auto used = static_cast<std::size_t>(size);
  std::memcpy(file_, schema.get(), used);
  first_free_ = used / kPageSize + 1;
  changes_ = kSchemaChanges;
  constexpr sqlite3_int64 kSize{kPages * kPageSize};
  db.check(sqlite3_deserialize(db.handle(), name.c_str(), file_, kSize, kSize, SQLITE_DESERIALIZE_FREEONCLOSE));
  if (!db.take_error()) file_ = nullptr;
}

void TableImage::clear() {
  records_.clear();
  places_.clear();
}

void TableImage::add(std::int64_t id, const Record& record) {
  const std::size_t begin = records_.size();
  if (begin > kPages * kPageSize) return;  // too many already
  record.append_to(records_);
  places_.push_back({id, begin, records_.size() - begin});
}

bool TableImage::publish() {
  if (file_ == nullptr) return false;
  std::sort(places_.begin(), places_.end(), [](const Place& a, const Place& b) { return a.id < b.id; });
  const auto same_id = [](const Place& a, const Place& b) { return a.id == b.id; };
  if (std::adjacent_find(places_.begin(), places_.end(), same_id) != places_.end()) return false;
  if (!write_leaves_and_root()) return false;
  // So SQLite knows that what it remembers of the file has changed.
  put_big_endian<4>(file_ + kChangeCounter, ++changes_);
  put_big_endian<4>(file_ + kVersionValidFor, changes_);
  return true;
}

std::uint8_t* TableImage::page(std::size_t number) const noexcept { return file_ + (number - 1) * kPageSize; }

// Of the rows from `first` on, as many as fit; returns the first that does not.
std::size_t TableImage::write_leaf(std::size_t number, std::size_t first) const {
  Page leaf(page(number), kLeaf);
  std::size_t i = first;
  for (; i < places_.size(); ++i) {
    const Place& place = places_[i];
    std::array<std::uint8_t, 2 * kMostVarint> prefix;
    std::uint8_t* const id = put_varint(prefix.data(), place.size);
    const auto prefix_size =
        static_cast<std::size_t>(put_varint(id, static_cast<std::uint64_t>(place.id)) - prefix.data());
    std::uint8_t* const cell = leaf.add_cell(prefix_size + place.size);
    if (cell == nullptr) break;
    std::memcpy(cell, prefix.data(), prefix_size);
    std::memcpy(cell + prefix_size, records_.data() + place.begin, place.size);
  }
  leaf.finish(0);
  return i;
}

// The root is a leaf itself if one page is enough.
bool TableImage::write_leaves_and_root() {
  std::size_t next = first_free_;
  std::size_t written = write_leaf(kRoot, 0);
  if (written < places_.size()) {
    std::memcpy(page(next), page(kRoot), kPageSize);
    Page root(page(kRoot), kInterior);
    for (; written < places_.size(); ++next) {
      std::array<std::uint8_t, 4 + kMostVarint> child;
      put_big_endian<4>(child.data(), next);
      const std::uint8_t* const end = put_varint(child.data() + 4, static_cast<std::uint64_t>(places_[written - 1].id));
      const auto size = static_cast<std::size_t>(end - child.data());
      std::uint8_t* const cell = root.add_cell(size);
      if (cell == nullptr || next == kPages) return false;
      std::memcpy(cell, child.data(), size);
      written = write_leaf(next + 1, written);
    }
    root.finish(static_cast<std::uint32_t>(next++));
  }
  put_big_endian<4>(file_ + kPageCount, next - 1);
  return true;
}

}  // namespace gateway::sqlite
