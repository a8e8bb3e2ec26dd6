// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/mysql/detail/definition_reader.hpp>
#include <weft/mysql/protocol/parameter.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weft::inline v0::mysql::detail {

/// A statement the server has prepared.
struct prepared_statement {
    std::string sql;
    std::uint32_t id = 0;
    std::uint16_t parameters = 0;
    std::uint16_t columns = 0;
    protocol::parameter_types types; ///< as the server knows them
    remembered_layout layout;        ///< of its last result
};

/// The statements of one connection by their text, the least recently used first. Those that must go are handed out to
/// be closed on the server.
class statement_cache {
public:
    explicit statement_cache(std::size_t limit) : limit_(limit) {}

    std::size_t size() const noexcept { return entries_.size(); }

    /// The statement of that text, now the most recently used; null when there is none.
    std::shared_ptr<prepared_statement> find(std::string_view sql) {
        const std::size_t key = std::hash<std::string_view>()(sql);
        for (std::size_t i = entries_.size(); i-- > 0;) {
            if (entries_[i].key != key || entries_[i].statement->sql != sql) continue;
            entry found = std::move(entries_[i]);
            entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(i));
            entries_.push_back(std::move(found));
            return entries_.back().statement;
        }
        return nullptr;
    }

    /// Adds a statement; returns the one that had to go for it, which is the new one itself when nothing is kept.
    std::shared_ptr<prepared_statement> add(std::shared_ptr<prepared_statement> statement) {
        if (limit_ == 0) return statement;
        const std::size_t key = std::hash<std::string_view>()(statement->sql);
        entries_.push_back({key, std::move(statement)});
        if (entries_.size() <= limit_) return nullptr;
        auto oldest = std::move(entries_.front().statement);
        entries_.erase(entries_.begin());
        return oldest;
    }

    /// Forgets them all: the server has.
    void clear() noexcept { entries_.clear(); }

private:
    struct entry {
        std::size_t key;
        std::shared_ptr<prepared_statement> statement;
    };

    std::vector<entry> entries_;
    std::size_t limit_;
};

} // namespace weft::inline v0::mysql::detail
