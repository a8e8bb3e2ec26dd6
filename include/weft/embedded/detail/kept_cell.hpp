// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/cell.hpp>

#include <string>
#include <vector>

namespace weft::inline v0::embedded::detail {

/// A copy of a parameter for a statement that runs later. Nested values are kept as the JSON that they are bound as.
class kept_cell {
public:
    explicit kept_cell(const cell& c) : shown_(c) {
        switch (c.kind()) {
        case type_id::text:
        case type_id::json: bytes_ = c.text(); break;
        case type_id::blob: bytes_ = as_text(c.blob()); break;
        case type_id::vector: elements_.assign(c.vector().begin(), c.vector().end()); break;
        case type_id::decimal: number_ = c.decimal(); break;
        case type_id::list:
        case type_id::structure:
            append_json(bytes_, c);
            shown_ = cell::of_json(bytes_);
            break;
        default: break;
        }
    }

    /// The parameter, valid as long as this object is neither moved nor destroyed.
    cell view() const noexcept {
        switch (shown_.kind()) {
        case type_id::text: return cell::of_text(bytes_);
        case type_id::json: return cell::of_json(bytes_);
        case type_id::blob: return cell::of_blob(as_blob(bytes_));
        case type_id::vector: return cell::of_vector({elements_.data(), elements_.size()});
        case type_id::decimal: return cell(number_);
        default: return shown_;
        }
    }

private:
    cell shown_;
    std::string bytes_;
    std::vector<float> elements_;
    decimal number_;
};

} // namespace weft::inline v0::embedded::detail
