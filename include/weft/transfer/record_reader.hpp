// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `record_reader`: what bulk import reads rows from. Derive from it to import a format of your own.

#include <weft/cursor/connection.hpp>

#include <string>
#include <vector>

namespace weft::inline v0 {

/// Rows with named columns, and how far reading them has come.
class record_reader : public parameter_rows {
public:
    /// Names of the columns, in the order of the cells; known before the first row is read.
    virtual const std::vector<std::string>& names() const noexcept = 0;
    /// Where the row read last stands, for messages: `line 12`.
    virtual std::string place() const = 0;
    /// Types of the columns where the format has any; null where every value is text or speaks for itself.
    virtual const schema* types() const noexcept { return nullptr; }
    /// Whether a text may stand for a number, a date, … as in CSV.
    virtual bool is_untyped() const noexcept { return false; }
    /// Bytes of the input that are done.
    virtual std::uint64_t bytes_done() const noexcept { return 0; }
    /// Bytes of the whole input, 0 when not known.
    virtual std::uint64_t bytes_total() const noexcept { return 0; }

protected:
    ~record_reader() = default;
};

} // namespace weft::inline v0
