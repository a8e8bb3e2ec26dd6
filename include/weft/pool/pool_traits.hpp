// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `pool_traits<Connection>`: how a pool treats connections of a type. The general template asks the connection for
/// member functions and does without those it has not; a specialisation says it otherwise.

#include <weft/core/error.hpp>

#include <concepts>
#include <type_traits>

namespace weft::inline v0 {

/// The hooks of a blocking pool. All but `is_open` and `close` may throw; a connection whose hook throws is closed and
/// never leased again.
template <class Connection>
struct pool_traits {
    /// Whether the connection can be used, as far as it knows by itself: `is_open()` without `is_busy()`, which says
    /// that rows of a result have not been read. Reading past them could take any time.
    static bool is_usable(const Connection& c) {
        if constexpr (requires { static_cast<bool>(c.is_open()); }) {
            if (!c.is_open()) return false;
        }
        if constexpr (requires { static_cast<bool>(c.is_busy()); }) {
            if (c.is_busy()) return false;
        }
        return true;
    }

    /// Asks the other side: `ping()`, which throws or returns false when there is none. Without it: nothing.
    static void validate(Connection& c) {
        if constexpr (requires {
                          { c.ping() } -> std::same_as<bool>;
                      }) {
            if (!c.ping()) throw operational_error("the connection does not answer");
        } else if constexpr (requires { c.ping(); }) {
            c.ping();
        }
    }

    /// Makes the session as new: `reset()`. Without it: rolls back.
    static void reset(Connection& c) {
        if constexpr (requires { c.reset(); }) {
            c.reset();
        } else {
            rollback(c);
        }
    }

    /// Ends an open transaction: `rollback()` or the statement ROLLBACK, when `has_transaction()` says so. Without
    /// these: nothing.
    static void rollback(Connection& c) {
        if constexpr (requires { static_cast<bool>(c.has_transaction()); }) {
            if (!c.has_transaction()) return;
            if constexpr (requires { c.rollback(); }) {
                c.rollback();
            } else if constexpr (requires { c.execute("ROLLBACK"); }) {
                c.execute("ROLLBACK");
            }
        }
    }

    /// `close()`. Without it the destructor closes.
    static void close(Connection& c) {
        if constexpr (requires { c.close(); }) c.close();
    }
};

} // namespace weft::inline v0
