// SPDX-License-Identifier: BSL-1.0
#pragma once

/// Several texts in one round trip: what becomes of each.

#include <weft/core/result.hpp>
#include <weft/mysql/detail/read_set.hpp>
#include <weft/mysql/session.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::mysql::detail {

/// The affected rows of the current text, all its sets together.
template <class Session>
net::task<std::int64_t> count_affected(Session* on) {
    std::int64_t affected = 0;
    for (bool more = true; more;) {
        if (on->layout()->columns.empty()) affected += static_cast<std::int64_t>(on->summary().affected_rows);
        more = co_await on->next_set_of_text();
    }
    co_return affected;
}

/// The rows of the current text's first set that has columns.
template <class Format, class Arch, class Session>
net::task<typename Format::result_type> read_first_rows(Session* on) {
    while (on->layout()->columns.empty()) {
        const bool more = co_await on->next_set_of_text();
        if (!more) throw programming_error("no statement of the text returns rows");
    }
    typename Format::result_type rows = co_await read_set<Format, Arch>(on, static_cast<std::size_t>(-1));
    for (bool more = true; more;) more = co_await on->next_set_of_text();
    co_return rows;
}

/// Sends the texts together and calls `read(session)` for each. The server's errors are outcomes like others.
template <class T, class Session>
net::task<std::vector<result<T>>> pipeline(Session* on, std::vector<std::string> texts,
                                           net::task<T> (*read)(Session*)) {
    const std::size_t count = texts.size();
    std::vector<result<T>> outcomes;
    outcomes.reserve(count);
    co_await on->pipeline(std::move(texts));
    for (std::size_t i = 0; i < count; ++i) {
        try {
            co_await on->next_set();
            T value = co_await read(on);
            outcomes.emplace_back(std::move(value));
        } catch (const error& e) {
            if (!on->is_open()) throw;
            outcomes.emplace_back(failure(e));
        }
    }
    co_return outcomes;
}

} // namespace weft::inline v0::mysql::detail
