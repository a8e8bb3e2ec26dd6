// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `temporary_database`: an embedded database in a file, for a test.

#include <weft/embedded/database.hpp>
#include <weft/testing/temporary_directory.hpp>

#include <string>

namespace weft::inline v0::testing {

/// An embedded database in a directory of its own, both gone when the object is destroyed. `path()` is the file, which
/// further connections may open.
class temporary_database : private temporary_directory, public embedded::database {
public:
    explicit temporary_database(const embedded::database_options& settings = {})
        : embedded::database(directory() / "test.db", settings) {}

    /// Where the file is and other files of the test may be.
    const temporary_directory& directory() const noexcept { return *this; }

    using embedded::database::path;
};

} // namespace weft::inline v0::testing
