// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Reading a foreign ArrowArray along a plan: shared where the layout is ours, converted where it is not.

#include <weft/columnar/detail/arrow_rows.hpp>
#include <weft/core/json_syntax.hpp>

namespace weft::inline v0::detail {

class arrow_reader {
public:
    /// `owner` keeps all buffers alive. `truncate`: see arrow_import_options.
    arrow_reader(std::shared_ptr<const void> owner, bool truncate) : owner_(std::move(owner)), truncate_(truncate) {}

    array read(const ArrowArray& a, const arrow_plan& plan) const {
        const arrow_rows rows(a, plan, owner_);
        if (!plan.dictionary.empty()) return decode(rows);
        switch (plan.layout) {
        case arrow_layout::null: return null(rows);
        case arrow_layout::boolean: return boolean(rows);
        case arrow_layout::fixed: return fixed(rows);
        case arrow_layout::characters: return characters(rows);
        case arrow_layout::views: return check_text(rows, view_reader(rows).read());
        case arrow_layout::fixed_bytes: return fixed_bytes(rows);
        case arrow_layout::list: return list(rows);
        case arrow_layout::fixed_list: return fixed_list(rows);
        case arrow_layout::structure: return structure(rows);
        }
        return {};
    }

private:
    static array null(const arrow_rows& rows) {
        array::parts p = rows.describe(false);
        p.null_count = p.length;
        return array(std::move(p));
    }

    static array boolean(const arrow_rows& rows) {
        array::parts p = rows.describe(false);
        p.values = rows.fixed(1, (rows.end() + 7) / 8, 1);
        return array(std::move(p));
    }

    array fixed(const arrow_rows& rows) const {
        const arrow_plan& plan = rows.plan;
        if (plan.half) {
            return convert_values<float, std::uint16_t>(rows, {}, [](std::uint16_t half, float& out) {
                out = half_to_float(half);
                return true;
            });
        }
        if (plan.column.type.id == type_id::decimal) return decimals(rows);
        if (plan.multiply != 1 || plan.divide != 1) {
            if (plan.column.type.id == type_id::date) return convert_units<std::int32_t, std::int64_t>(rows, truncate_);
            if (plan.width == 4) return convert_units<std::int64_t, std::int32_t>(rows, truncate_);
            return convert_units<std::int64_t, std::int64_t>(rows, truncate_);
        }
        return shared(rows);
    }

    static array shared(const arrow_rows& rows) {
        array::parts p = rows.describe(false);
        p.values = rows.fixed(1, rows.end(), rows.plan.width);
        return array(std::move(p));
    }

    /// Decimals here have at most 65 digits, Arrow's up to 76: those are looked at one by one.
    static array decimals(const arrow_rows& rows) {
        const data_type& type = rows.plan.column.type;
        if (static_cast<std::size_t>(rows.plan.width) != decimal_width(type.precision)) return convert_decimals(rows);
        array column = shared(rows);
        if (rows.plan.width == 16) return column;
        for (std::size_t row = 0; row < column.size(); ++row) {
            if (column.is_null(row)) continue;
            try {
                static_cast<void>(column.at(row).decimal());
            } catch (const data_error&) {
                rows.refuse(rows.begin() + static_cast<std::int64_t>(row), "a decimal has more than 65 digits");
            }
        }
        return column;
    }

    static array characters(const arrow_rows& rows) {
        array::parts p = rows.describe(false);
        std::int64_t last = 0;
        p.large = rows.plan.large;
        p.values = rows.offsets(p.large, last);
        const auto* bytes = static_cast<const std::byte*>(rows.raw(2));
        if (bytes == nullptr && last > 0) refuse_arrow(rows.plan.path, "its bytes are a null pointer");
        p.characters = {bytes == nullptr ? no_bytes : bytes, static_cast<std::size_t>(last), rows.owner()};
        return check_text(rows, array(std::move(p)));
    }

    /// Text must be valid UTF-8 and JSON valid JSON; what lies under nulls does not matter.
    static array check_text(const arrow_rows& rows, array column) {
        const type_id type = rows.plan.column.type.id;
        if (!is_textual(type)) return column;
        for (std::size_t row = 0; row < column.size(); ++row) {
            if (column.is_null(row)) continue;
            const std::string_view text = column.at(row).text();
            const auto place = rows.begin() + static_cast<std::int64_t>(row);
            if (type == type_id::json && !is_valid_json(text)) rows.refuse(place, "its text is not valid JSON");
            if (!is_valid_utf8(text)) rows.refuse(place, "its text is not valid UTF-8");
        }
        return column;
    }

    array list(const arrow_rows& rows) const {
        array::parts p = rows.describe(false);
        std::int64_t last = 0;
        p.large = rows.plan.large;
        p.values = rows.offsets(p.large, last);
        p.children.push_back(read(rows.child(0), rows.plan.children[0]));
        check_child(rows, p.children[0], last);
        return array(std::move(p));
    }

    array fixed_list(const arrow_rows& rows) const {
        const std::int64_t elements = rows.plan.width;
        check_even_size(rows, elements);
        array child = read(rows.child(0), rows.plan.children[0]);
        check_child(rows, child, rows.length() == 0 ? 0 : rows.end() * elements);
        if (rows.plan.column.type.id == type_id::vector) return vectors(rows, child);
        array::parts p = rows.describe(true);
        p.values = even_offsets(rows.start(), rows.end(), elements, p.large);
        p.children.push_back(std::move(child));
        return array(std::move(p));
    }

    static array vectors(const arrow_rows& rows, const array& child) {
        if (child.null_count() != 0) check_elements(rows, child);
        array::parts p = rows.describe(false);
        const array::parts& elements = child.layout();
        p.values = elements.values;
        p.values.data += static_cast<std::size_t>(elements.offset) * sizeof(float);
        p.values.size = child.size() * sizeof(float);
        return array(std::move(p));
    }

    static void check_elements(const arrow_rows& rows, const array& child) {
        const std::int64_t elements = rows.plan.width;
        for (std::int64_t i = rows.begin(); i < rows.end(); ++i) {
            if (!rows.is_valid(i)) continue;
            for (std::int64_t e = i * elements; e < (i + 1) * elements; ++e) {
                if (child.is_null(static_cast<std::size_t>(e))) rows.refuse(i, "an element of a vector is null");
            }
        }
    }

    array structure(const arrow_rows& rows) const {
        array::parts p = rows.describe(false);
        for (std::size_t i = 0; i < rows.plan.children.size(); ++i) {
            p.children.push_back(read(rows.child(static_cast<std::int64_t>(i)), rows.plan.children[i]));
            check_child(rows, p.children.back(), rows.length() == 0 ? 0 : rows.end());
        }
        return array(std::move(p));
    }

    static void check_child(const arrow_rows& rows, const array& child, std::int64_t needed) {
        if (static_cast<std::int64_t>(child.size()) >= needed) return;
        refuse_arrow(rows.plan.path, "a child has " + std::to_string(child.size()) + " rows where " +
                                         std::to_string(needed) + " are needed");
    }

    /// Dictionary-encoded columns become columns of their values.
    array decode(const arrow_rows& rows) const {
        const array values = read(rows.dictionary(), rows.plan.dictionary[0]);
        array::parts p = rows.describe(false);
        p.type = rows.plan.index;
        p.values = rows.fixed(1, rows.end(), rows.plan.width);
        const array indices(std::move(p));
        column_builder out({rows.plan.path, rows.plan.column.type, true, {}, {}});
        out.reserve(indices.size());
        for (std::size_t row = 0; row < indices.size(); ++row) {
            const cell index = indices.at(row);
            if (index.is_null()) {
                out.append_null();
                continue;
            }
            // A negative index is larger than any size here.
            if (index.uint64() >= values.size()) {
                rows.refuse(rows.begin() + static_cast<std::int64_t>(row), "its index is outside the dictionary");
            }
            out.append(values.at(static_cast<std::size_t>(index.uint64())));
        }
        return with_type(out.finish(), rows.plan.column.type);
    }

    /// A builder may leave a null column's type undeclared; the plan's is what the schema says.
    static array with_type(const array& column, const data_type& type) {
        if (column.type() == type) return column;
        array::parts p = column.layout();
        p.type = type;
        return array(std::move(p));
    }

    std::shared_ptr<const void> owner_;
    bool truncate_;
};

} // namespace weft::inline v0::detail
