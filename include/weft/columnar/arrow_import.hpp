// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Schemas, columns and record batches from structures of the Arrow C data interface. Columns of a layout we have
/// ourselves (see arrow_export.hpp, and large or small lists, maps as lists of key and value) share the foreign buffers
/// and keep the array alive. These are converted into memory of their own:
///
/// | Arrow                                           | becomes                                              |
/// |-------------------------------------------------|------------------------------------------------------|
/// | date64, time32, time64 of ns, duration          | date, time: whole days, whole microseconds           |
/// | timestamp of s, ms, ns, with or without zone    | datetime: the instant in UTC                         |
/// | half precision                                  | float32                                              |
/// | decimal32, decimal64, decimal256 up to 38 digits | decimal                                             |
/// | fixed-size binary                               | blob; the bytes are shared                           |
/// | string view, binary view                        | text, blob                                           |
/// | fixed-size list of other than float32           | list; the child is shared                            |
/// | dictionary                                      | its values                                           |
///
/// Unions, run-end encoding, intervals, list views and decimals of negative scale are a not_supported_error.
///
/// Everything which the structures allow to be checked is checked, and refused with a data_error that names the column
/// and the reason: released or null structures, counts, missing buffers, offsets, child lengths, dictionary indices,
/// UTF-8 and JSON. That the buffers are as large as the counts say cannot be seen through the C interface.

#include <weft/columnar/arrow_abi.hpp>
#include <weft/columnar/detail/arrow_reader.hpp>
#include <weft/columnar/record_batch.hpp>

namespace weft::inline v0 {

struct arrow_import_options {
    /// Round timestamps and times of nanoseconds down to microseconds, and date64 to days, instead of refusing values
    /// that have more.
    bool truncate = false;
};

/// Reads a schema once and then any number of arrays of it, as a stream has them.
class arrow_importer {
public:
    /// `foreign` is a struct with one child a column; it is not needed afterwards and stays the caller's.
    explicit arrow_importer(const ArrowSchema& foreign, arrow_import_options options = {})
        : plan_(detail::arrow_schema_reader().read(foreign, {}, 0)), options_(options) {
        if (plan_.layout != detail::arrow_layout::structure || !plan_.dictionary.empty()) {
            throw data_error("Arrow import: a schema is a struct ('+s'), not '" + std::string(foreign.format) + '\'');
        }
        std::vector<field> fields;
        fields.reserve(plan_.children.size());
        for (const detail::arrow_plan& child : plan_.children) fields.push_back(child.column);
        layout_ = std::make_shared<const schema>(std::move(fields));
    }

    const schema& layout() const noexcept { return *layout_; }
    std::shared_ptr<const schema> shared_layout() const noexcept { return layout_; }

    /// The rows of a struct array, which is consumed, also when it is refused. Throws data_error.
    record_batch read(arrow_array&& foreign) const {
        const auto owner = std::make_shared<arrow_array>(std::move(foreign));
        const array rows = detail::arrow_reader(owner, options_.truncate).read(**owner, plan_);
        if (rows.null_count() != 0) throw data_error("Arrow import: rows of a record batch cannot be null themselves");
        const array::parts& p = rows.layout();
        std::vector<array> columns;
        columns.reserve(p.children.size());
        for (const array& child : p.children) columns.push_back(visible(child, p.offset, rows.size()));
        return {layout_, std::move(columns), rows.size()};
    }

private:
    /// The struct's own offset and length apply to its children.
    static array visible(const array& child, std::int64_t offset, std::size_t length) {
        if (offset == 0 && child.size() == length) return child;
        return child.slice(static_cast<std::size_t>(offset), length);
    }

    detail::arrow_plan plan_;
    arrow_import_options options_;
    std::shared_ptr<const schema> layout_;
};

/// The columns of a struct schema.
inline schema import_schema(const ArrowSchema& foreign) {
    return arrow_importer(foreign).layout();
}

/// A record batch from a struct array and its schema. The array is consumed, also when it is refused.
inline record_batch import_batch(arrow_array&& rows, const ArrowSchema& layout, arrow_import_options options = {}) {
    arrow_array taken = std::move(rows);
    return arrow_importer(layout, options).read(std::move(taken));
}
inline record_batch import_batch(arrow_array&& rows, const arrow_schema& layout, arrow_import_options options = {}) {
    return import_batch(std::move(rows), *layout, options);
}

/// One column from an array of any type and its schema. The array is consumed, also when it is refused.
inline array import_array(arrow_array&& values, const ArrowSchema& type, arrow_import_options options = {}) {
    const auto owner = std::make_shared<arrow_array>(std::move(values));
    const detail::arrow_plan plan = detail::arrow_schema_reader().read(type, detail::name_of(type), 0);
    return detail::arrow_reader(owner, options.truncate).read(**owner, plan);
}

} // namespace weft::inline v0
