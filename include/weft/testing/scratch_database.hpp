// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `scratch_database`: a database of its own on a server, for a test that shares the server with others.
/// (`temporary_database` is the embedded one, a file.)

#include <weft/core/error.hpp>
#include <weft/cursor/connection.hpp>
#include <weft/testing/detail/network.hpp>

#include <string>
#include <utility>

namespace weft::inline v0::testing {

/// A name no other database has: `weft_test_` and 16 random hexadecimal digits. It needs no quotes in SQL.
inline std::string temporary_database_name() {
    std::string name = "weft_test_";
    for (std::uint64_t bits = detail::random_bits(), i = 0; i < 16; ++i, bits >>= 4)
        name += "0123456789abcdef"[bits & 15];
    return name;
}

/// A new database on the server of a connection, which outlives this object. The constructor executes
/// `CREATE DATABASE` and `USE`, the destructor `DROP DATABASE`, whose failure is ignored: the test may have closed the
/// connection or stopped the server.
template <connection Connection>
    requires requires(Connection& c, std::string sql) { c.execute(sql); }
class scratch_database {
public:
    /// `name` goes into the SQL as it is.
    explicit scratch_database(Connection& on, std::string name = temporary_database_name())
        : on_(on), name_(std::move(name)) {
        on_.execute("CREATE DATABASE " + name_);
        try {
            on_.execute("USE " + name_);
        } catch (...) {
            drop();
            throw;
        }
    }
    scratch_database(const scratch_database&) = delete;
    scratch_database& operator=(const scratch_database&) = delete;
    ~scratch_database() { drop(); }

    const std::string& name() const noexcept { return name_; }

private:
    void drop() noexcept {
        try {
            on_.execute("DROP DATABASE " + name_);
        } catch (const error&) { // nothing more can be done
        }
    }

    Connection& on_;
    std::string name_;
};

} // namespace weft::inline v0::testing
