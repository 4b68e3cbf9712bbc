// What the library logs, as data: the embedder's one callback turns it into lines.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "gateway/row.h"

namespace gateway {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// One client request, from acceptance to its last byte. Views are valid during the callback.
struct ExchangeRecord {
  RequestId request;
  std::string_view client_request_id, project, key, path;
  std::string_view asked_model, provider, target_model;
  int status = 0;               ///< what the client got
  std::string_view error_code;  ///< ours; empty: none
  int attempts = 0;
  bool streamed = false;
  bool client_left = false;
  Usage usage;
  Money cost;
  CostSource cost_source = CostSource::none;
  Duration overhead{};    ///< spent by this library
  Duration first_byte{};  ///< from acceptance; zero: none
  Duration total{};
  std::string_view client;  ///< its address, if it is known
};

struct LogEvent {
  LogLevel level = LogLevel::info;
  std::string_view message;                  ///< one line: "provider refused our credentials"
  std::string_view request;                  ///< the request id as text, if there is one
  const ExchangeRecord* exchange = nullptr;  ///< set for the one event that ends each exchange
  std::string_view client{};                 ///< the address of who caused it, if there is no exchange
};

/// May be called from any of the threads that run the library, several at once. No lock of the library's is held
/// meanwhile: it may call a Core's reload(), stats() and metrics().
using LogCallback = std::function<void(const LogEvent&)>;

}  // namespace gateway
