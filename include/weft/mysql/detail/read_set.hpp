// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/format/format.hpp>
#include <weft/mysql/row_block.hpp>
#include <weft/net/task.hpp>

#include <cstddef>
#include <cstdint>

namespace weft::inline v0::mysql::detail {

/// Up to `count` further rows of the session's current set.
template <result_format Format, class Arch = simd::arch::dispatched, class Session>
net::task<typename Format::result_type> read_set(Session* on, std::size_t count) {
    constexpr std::size_t portion = 4096;
    auto reader = Format().bind(on->layout()->columns);
    basic_row_block<Arch> rows;
    std::uint64_t number = on->row_number();
    while (count > 0) {
        const bool found = co_await on->read_rows(rows, count < portion ? count : portion);
        if (!found) break;
        reader.append(rows, {0, rows.rows(), number});
        number += rows.rows();
        count -= rows.rows();
    }
    co_return reader.finish();
}

} // namespace weft::inline v0::mysql::detail
