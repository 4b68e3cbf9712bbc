// Value-or-error, with the member names of std::expected (C++23), for compilers that lack it.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace gateway {

enum class ErrorCode : std::uint8_t {
  invalid,       ///< the caller's input is wrong; the detail reports what and where
  not_found,     ///<
  exists,        ///<
  refused,       ///< a rule forbids it; the detail names the rule
  unreachable,   ///< upstream: nothing of the request was sent (DNS, refused, TLS, connect timeout): safe to retry
  lost,          ///< upstream: the connection broke after bytes were sent: the request may have been acted upon
  timeout,       ///< upstream: a time limit passed after the request was sent
  protocol,      ///< upstream: what came back is not HTTP, or broke off
  too_large,     ///< a size limit was passed
  unavailable,   ///< store: cannot be read or written now; trying again may help
  corrupt,       ///< store: the data are damaged; trying again does not help
  newer_schema,  ///< store: written by a newer version of this library
  conflict,      ///< store: another changed it since it was read: read it again
  unsupported,   ///< one side of a translation has no place for it; the detail names it
  fenced,        ///< store: this process was taken for dead and swept: it must go on under a new id, or not at all
};

/// A stable lower-case name, for logs: "unreachable".
const char* to_string(ErrorCode code) noexcept;

struct Error {
  ErrorCode code = ErrorCode::invalid;
  std::string detail;  ///< one line, for people; never a secret
};

namespace detail {
[[noreturn]] inline void die(const char* what) noexcept {
  std::fprintf(stderr, "gateway: broken invariant: %s\n", what);
  std::abort();
}
[[noreturn, gnu::cold, gnu::noinline]] inline void no_error() noexcept { die("error() of a Result that is a value"); }
}  // namespace detail

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  /// value() of an error ends the process, and so does error() of a value: check first.
  T& value() & { return has_value() ? std::get<0>(state_) : (die(), std::get<0>(state_)); }
  const T& value() const& { return has_value() ? std::get<0>(state_) : (die(), std::get<0>(state_)); }
  T&& value() && { return has_value() ? std::get<0>(std::move(state_)) : (die(), std::get<0>(std::move(state_))); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    if (has_value()) detail::no_error();
    return std::get<1>(state_);
  }
  Error&& error() && {
    if (has_value()) detail::no_error();
    return std::get<1>(std::move(state_));
  }
  T value_or(T other) const& { return has_value() ? std::get<0>(state_) : std::move(other); }

 private:
  [[gnu::cold, gnu::noinline]] void die() const { detail::die(std::get<1>(state_).detail.c_str()); }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool has_value() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return has_value(); }
  void value() const {
    if (error_) detail::die(error_->detail.c_str());
  }
  const Error& error() const& {
    if (!error_) detail::no_error();
    return *error_;
  }
  Error&& error() && {
    if (!error_) detail::no_error();
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace gateway
