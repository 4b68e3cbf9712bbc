// Text that must not be shown: a provider's key, an admin token.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

namespace gateway {

/// Cannot be printed, compared with == or turned into a string by accident: every use names reveal(). Wiped when freed.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& o) noexcept : text_(std::move(o.text_)) { o.wipe(); }
  Secret& operator=(const Secret& o) {
    if (this != &o) wipe(), text_ = o.text_;
    return *this;
  }
  Secret& operator=(Secret&& o) noexcept {
    if (this != &o) wipe(), text_ = std::move(o.text_), o.wipe();
    return *this;
  }
  ~Secret() { wipe(); }

  bool empty() const noexcept { return text_.empty(); }
  std::string_view reveal() const noexcept { return text_; }
  /// Time does not depend on where the two differ.
  bool equals(std::string_view other) const noexcept;

  template <class C, class T>
  friend std::basic_ostream<C, T>& operator<<(std::basic_ostream<C, T>&, const Secret&) = delete;

 private:
  void wipe() noexcept;
  std::string text_;
};

}  // namespace gateway
