// One thread's part of the gateway: what its exchanges share and nobody else touches.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/buffer.h"
#include "base/field_list.h"
#include "base/key_text.h"
#include "base/request_id_source.h"
#include "gateway/gateway.h"
#include "providers/dialect.h"
#include "proxy/backfill.h"
#include "proxy/catalogue_watch.h"
#include "proxy/core_state.h"
#include "proxy/durable_waits.h"
#include "proxy/refusals.h"
#include "proxy/room_waits.h"
#include "simulated/upstream.h"
#include "wire/openai/request_reader.h"

namespace gateway {

struct GatewayWorker {
  GatewayWorker(CoreState& shared, unsigned number, Timer& clock, Upstream& network);

  // The configuration as of now. A request takes it once, in Gateway::open, and keeps it: the next call may return
  // another and free this one.
  const std::shared_ptr<const Snapshot>& newest_snapshot() { return newest().in_force; }
  // With the one that may serve a share of the requests beside it.
  const Snapshots& newest();
  Upstream& upstream_for(const Provider& provider) noexcept {
    if (provider.simulated && !core.is_played(provider.config.name)) return simulated;
    return upstream;
  }

  CoreState& core;
  const unsigned index;
  Timer& timer;
  Upstream& upstream;
  SimulatedUpstream simulated;
  Journal& journal;

  // Tools that are used again from request to request.
  RequestReader requests;
  KeyHasher hasher;
  RequestIdSource ids;
  BufferPool buffers;
  AnswerTools answers;
  FieldList fields;        // of the head being built
  DialectOutput outgoing;  // of the request being written
  std::string text;        // of the error body being built
  std::minstd_rand random;

  HealthCache health;
  BoundedCache<ModelMeans> means;
  Refusals refusals;
  DurableWaits durable_waits;
  RoomWaits room_waits;
  MeterShard& meters;
  Backfill backfill;
  CatalogueWatch catalogues;  // worker 0 alone fetches

 private:
  Snapshots snapshots_;
  std::uint64_t version_ = 0;
};

}  // namespace gateway
