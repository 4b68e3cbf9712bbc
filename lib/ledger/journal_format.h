// What the bytes of a journal mean, which is what Row's members are: pinned here beside the version. A journal that an
// earlier build left is replayed after an upgrade and must not be misread, so whoever changes one of these figures
// raises the version with it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gateway/row.h"

namespace gateway {

inline constexpr std::uint32_t kJournalVersion = 4;

static_assert(offsetof(Row, request) == 0 && sizeof(RequestId) == 16);
static_assert(offsetof(Row, attempt) == 16 && sizeof(Row::attempt) == 2);
static_assert(offsetof(Row, entry) == 18 && sizeof(Row::entry) == 2);
static_assert(offsetof(Row, state) == 20 && sizeof(RowState) == 1);
static_assert(offsetof(Row, operation) == 21 && sizeof(Operation) == 1);
static_assert(offsetof(Row, cost_source) == 22 && sizeof(CostSource) == 1);
static_assert(offsetof(Row, streamed) == 23 && sizeof(Row::streamed) == 1);
static_assert(offsetof(Row, status) == 24 && sizeof(Row::status) == 4);
static_assert(offsetof(Row, flags) == 28 && sizeof(Row::flags) == 4);
static_assert(offsetof(Row, process) == 32 && sizeof(Row::process) == 8);
static_assert(offsetof(Row, usage) == 40 && sizeof(Usage) == 72);
static_assert(offsetof(Usage, input) == 0 && offsetof(Usage, cached_input) == 8 && offsetof(Usage, cache_write) == 16);
static_assert(offsetof(Usage, output) == 24 && offsetof(Usage, reasoning) == 32);
static_assert(offsetof(Usage, images) == 40 && offsetof(Usage, audio_ms) == 48 && offsetof(Usage, characters) == 56);
static_assert(offsetof(Usage, searches) == 64);
static_assert(offsetof(Row, hold) == 112 && sizeof(Money) == 8);
static_assert(offsetof(Row, cost) == 120);
static_assert(offsetof(Row, upstream_cost) == 128);
static_assert(offsetof(Row, accepted) == 136 && sizeof(WallTime) == 8);
static_assert(WallTime::period::num == 1 && WallTime::period::den == 1'000'000 &&
              Money::kUnitsPerDollar == 1'000'000'000'000);
static_assert(offsetof(Row, dispatched) == 144);
static_assert(offsetof(Row, first_byte) == 152);
static_assert(offsetof(Row, ended) == 160);
static_assert(offsetof(Row, surface) == 168 && sizeof(SurfaceKind) == 1);
static_assert(offsetof(Row, unused) == 169 && sizeof(Row::unused) == 1);
// The texts: packed in this order, each with at most so many bytes.
static_assert(offsetof(Row, client_request_id) == 170 && decltype(Row::client_request_id)::capacity() == 128);
static_assert(offsetof(Row, project) == 300 && decltype(Row::project)::capacity() == 64);
static_assert(offsetof(Row, key) == 366 && decltype(Row::key)::capacity() == 32);
static_assert(offsetof(Row, asked_model) == 400 && decltype(Row::asked_model)::capacity() == 128);
static_assert(offsetof(Row, target_model) == 530 && decltype(Row::target_model)::capacity() == 128);
static_assert(offsetof(Row, served_model) == 660 && decltype(Row::served_model)::capacity() == 128);
static_assert(offsetof(Row, provider) == 790 && decltype(Row::provider)::capacity() == 64);
static_assert(offsetof(Row, generation_id) == 856 && decltype(Row::generation_id)::capacity() == 96);
static_assert(offsetof(Row, error_code) == 954 && decltype(Row::error_code)::capacity() == 48);
static_assert(offsetof(Row, finish_reason) == 1004 && decltype(Row::finish_reason)::capacity() == 24);
static_assert(offsetof(Row, price_version) == 1030 && decltype(Row::price_version)::capacity() == 32);
static_assert(sizeof(Row) == 1064);

static_assert(static_cast<int>(Operation::chat) == 0 && static_cast<int>(Operation::embeddings) == 1 &&
              static_cast<int>(Operation::rerank) == 9);
static_assert(static_cast<int>(SurfaceKind::openai) == 0 && static_cast<int>(SurfaceKind::insforge) == 3);
static_assert(static_cast<int>(RowState::open) == 0 && static_cast<int>(RowState::settled) == 1 &&
              static_cast<int>(RowState::failed) == 2 && static_cast<int>(RowState::interrupted) == 3 &&
              static_cast<int>(RowState::adjustment) == 4);
static_assert(static_cast<int>(CostSource::none) == 0 && static_cast<int>(CostSource::provider) == 1 &&
              static_cast<int>(CostSource::priced) == 2 && static_cast<int>(CostSource::estimated) == 3 &&
              static_cast<int>(CostSource::held) == 4);

static_assert(offsetof(RefusalCount, minute) == 0 && sizeof(RefusalCount::minute) == 8);
static_assert(offsetof(RefusalCount, project) == 8 && decltype(RefusalCount::project)::capacity() == 64);
static_assert(offsetof(RefusalCount, model) == 74 && decltype(RefusalCount::model)::capacity() == 128);
static_assert(offsetof(RefusalCount, code) == 204 && decltype(RefusalCount::code)::capacity() == 48);
static_assert(offsetof(RefusalCount, count) == 256 && sizeof(RefusalCount) == 264);

}  // namespace gateway
