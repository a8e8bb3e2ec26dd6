// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `pool_lease`: a connection on loan from a pool.

#include <weft/pool/detail/slot.hpp>

#include <memory>
#include <utility>

namespace weft::inline v0 {

/// The exclusive use of one connection of a pool, until the end of the scope. Move-only. It may outlive the pool; its
/// connection is then closed in the end. `Pool` is what connection_pool and async_connection_pool are made of.
template <class Pool>
class [[nodiscard]] pool_lease {
public:
    using connection_type = typename Pool::connection_type;

    /// No connection.
    pool_lease() noexcept = default;
    pool_lease(pool_lease&&) noexcept = default;
    pool_lease& operator=(pool_lease&& other) noexcept {
        if (this != &other) {
            give_back();
            pool_ = std::move(other.pool_);
            slot_ = std::move(other.slot_);
        }
        return *this;
    }
    ~pool_lease() { give_back(); }

    /// Whether there is a connection; without one the next two are undefined.
    explicit operator bool() const noexcept { return slot_ != nullptr; }
    connection_type& operator*() const noexcept { return slot_->connection; }
    connection_type* operator->() const noexcept { return &slot_->connection; }

    /// Returns the connection early. It is reset as the options say, and closed where that fails or it is broken.
    void give_back() noexcept {
        if (slot_) std::exchange(pool_, nullptr)->give_back(std::move(slot_));
    }

    /// Closes the connection instead of returning it, such as one whose session is in an unknown state.
    void discard() noexcept {
        if (slot_) std::exchange(pool_, nullptr)->discard(std::move(slot_));
    }

private:
    friend Pool;
    pool_lease(std::shared_ptr<Pool> pool, std::unique_ptr<typename Pool::slot_type> slot) noexcept
        : pool_(std::move(pool)), slot_(std::move(slot)) {}

    std::shared_ptr<Pool> pool_;
    std::unique_ptr<typename Pool::slot_type> slot_;
};

} // namespace weft::inline v0
