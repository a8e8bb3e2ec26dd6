// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Reading foreign ArrowSchemas: format strings, metadata and the tree, checked and turned into a plan for reading
/// arrays.

#include <weft/columnar/arrow_abi.hpp>
#include <weft/columnar/schema.hpp>
#include <weft/core/utf8.hpp>

#include <charconv>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace weft::inline v0::detail {

/// How the buffers of a foreign array lie.
enum class arrow_layout : std::uint8_t {
    null,        ///< no buffers
    boolean,     ///< validity, bitmap
    fixed,       ///< validity, values of `width` bytes
    characters,  ///< validity, offsets, bytes
    views,       ///< validity, 16-byte views, data buffers, their lengths
    fixed_bytes, ///< validity, values of `width` bytes that become blobs
    list,        ///< validity, offsets; one child
    fixed_list,  ///< validity; one child with `width` elements a row
    structure,   ///< validity; children
};

/// Most nested levels of a foreign type.
inline constexpr int max_arrow_depth = 64;
/// Most nodes of a foreign type: more are a cycle or an attack.
inline constexpr std::size_t max_arrow_nodes = 1'000'000;

/// One node of a foreign type: what it becomes, and how to read it.
struct arrow_plan {
    std::string path; ///< the column's name, below it the children's: `orders.item.price`
    field column;     ///< what it becomes; of a dictionary-encoded column what its values become
    arrow_layout layout = arrow_layout::null;
    bool large = false;        ///< 64-bit offsets
    bool half = false;         ///< IEEE 754 half precision
    std::int64_t width = 0;    ///< bytes or elements, see arrow_layout
    std::int64_t multiply = 1; ///< to microseconds
    std::int64_t divide = 1;   ///< to microseconds, or days for dates
    std::vector<arrow_plan> children;
    std::vector<arrow_plan> dictionary; ///< the values' plan when dictionary-encoded; this node's is then the indices'
    data_type index;                    ///< type of the indices when dictionary-encoded
};

[[noreturn]] inline void refuse_arrow(std::string_view path, std::string_view reason) {
    std::string message = "Arrow import, column '";
    message += path;
    message += "': ";
    message += reason;
    throw data_error(std::move(message));
}

/// The whole of `text` as a number; false when it is none or too large.
inline bool read_parameter(std::string_view text, std::int32_t& out) noexcept {
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, out);
    return error == std::errc() && stop == end;
}

/// Reads format strings (section "Data type description -- format strings") into a plan.
class arrow_format_reader {
public:
    arrow_format_reader(std::string_view format, arrow_plan& plan) : format_(format), plan_(plan) {}

    void read() {
        switch (format_.empty() ? '\0' : format_[0]) {
        case 'd': return read_decimal();
        case 'w': return read_fixed_bytes();
        case 't': return read_temporal();
        case '+': return read_nested();
        case 'v': return read_views();
        default: break;
        }
        if (format_.size() != 1) unsupported();
        read_simple();
    }

private:
    [[noreturn]] void unsupported() const {
        throw not_supported_error("Arrow import, column '" + plan_.path + "': the format '" + std::string(format_) +
                                  "' has no counterpart here");
    }
    [[noreturn]] void malformed(std::string_view expected) const {
        std::string reason = "the format '" + std::string(format_) + "' is malformed: expected ";
        reason += expected;
        refuse_arrow(plan_.path, reason);
    }

    void set(arrow_layout layout, const data_type& type, std::int64_t width = 0) {
        plan_.layout = layout;
        plan_.column.type = type;
        plan_.width = width;
    }
    void set_characters(type_id type, bool large) {
        set(arrow_layout::characters, type);
        plan_.large = large;
    }

    void read_simple() {
        using enum type_id;
        switch (format_[0]) {
        case 'n': return set(arrow_layout::null, null);
        case 'b': return set(arrow_layout::boolean, boolean);
        case 'c': return set(arrow_layout::fixed, int8, 1);
        case 'C': return set(arrow_layout::fixed, uint8, 1);
        case 's': return set(arrow_layout::fixed, int16, 2);
        case 'S': return set(arrow_layout::fixed, uint16, 2);
        case 'i': return set(arrow_layout::fixed, int32, 4);
        case 'I': return set(arrow_layout::fixed, uint32, 4);
        case 'l': return set(arrow_layout::fixed, int64, 8);
        case 'L': return set(arrow_layout::fixed, uint64, 8);
        case 'f': return set(arrow_layout::fixed, float32, 4);
        case 'g': return set(arrow_layout::fixed, float64, 8);
        case 'e': plan_.half = true; return set(arrow_layout::fixed, float32, 2);
        case 'u': return set_characters(text, false);
        case 'U': return set_characters(text, true);
        case 'z': return set_characters(blob, false);
        case 'Z': return set_characters(blob, true);
        default: unsupported();
        }
    }

    /// `d:precision,scale` and `d:precision,scale,bits`.
    void read_decimal() {
        std::string_view rest = format_.substr(1);
        if (rest.empty() || rest[0] != ':') malformed("d:precision,scale[,bits]");
        rest.remove_prefix(1);
        std::int32_t numbers[3] = {0, 0, 128};
        std::size_t count = 0;
        for (bool more = true; more; ++count) {
            const std::size_t comma = rest.find(',');
            more = comma != std::string_view::npos;
            if (count == 3 || !read_parameter(rest.substr(0, comma), numbers[count])) {
                malformed("d:precision,scale[,bits]");
            }
            if (more) rest.remove_prefix(comma + 1);
        }
        const std::int32_t bits = numbers[2];
        const std::int32_t most = bits == 32 ? 9 : bits == 64 ? 18 : bits == 128 ? 38 : bits == 256 ? 76 : 0;
        if (count < 2 || most == 0) malformed("d:precision,scale with 32, 64, 128 or 256 bits");
        if (numbers[0] < 1 || numbers[0] > most) malformed("a precision from 1 to " + std::to_string(most));
        if (numbers[1] < 0 || numbers[1] > 65) unsupported();
        set(arrow_layout::fixed, data_type::decimal(numbers[0], numbers[1]), bits / 8);
    }

    void read_fixed_bytes() {
        std::int32_t width = 0;
        if (!format_.starts_with("w:") || !read_parameter(format_.substr(2), width) || width < 0) malformed("w:bytes");
        set(arrow_layout::fixed_bytes, type_id::blob, width);
    }

    void read_views() {
        if (format_ != "vu" && format_ != "vz") unsupported();
        set(arrow_layout::views, format_ == "vu" ? type_id::text : type_id::blob);
    }

    /// Dates, times of day, timestamps and durations. A timestamp's zone is for display only: its values count from the
    /// epoch in UTC, and that is what the datetime shows.
    void read_temporal() {
        const std::string_view head = format_.substr(0, 3);
        const bool whole = format_.size() == 3;
        if (whole && head == "tdD") return set(arrow_layout::fixed, type_id::date, 4);
        if (whole && head == "tdm") {
            plan_.divide = 86'400'000;
            return set(arrow_layout::fixed, type_id::date, 8);
        }
        const bool stamp = head.starts_with("ts") && format_.size() >= 4 && format_[3] == ':';
        const bool clock = whole && (head.starts_with("tt") || head.starts_with("tD"));
        if (!stamp && !clock) unsupported();
        switch (head[2]) {
        case 's': plan_.multiply = 1'000'000; break;
        case 'm': plan_.multiply = 1'000; break;
        case 'u': break;
        case 'n': plan_.divide = 1'000; break;
        default: unsupported();
        }
        const bool narrow = head == "tts" || head == "ttm";
        set(arrow_layout::fixed, stamp ? type_id::datetime : type_id::time, narrow ? 4 : 8);
    }

    void read_nested() {
        if (format_ == "+l" || format_ == "+L" || format_ == "+m") {
            set(arrow_layout::list, type_id::list);
            plan_.large = format_ == "+L";
        } else if (format_ == "+s") {
            set(arrow_layout::structure, type_id::structure);
        } else if (format_.starts_with("+w:")) {
            std::int32_t elements = 0;
            if (!read_parameter(format_.substr(3), elements) || elements < 0) malformed("+w:elements");
            set(arrow_layout::fixed_list, type_id::list, elements);
        } else {
            unsupported();
        }
    }

    std::string_view format_;
    arrow_plan& plan_;
};

/// The value of a key in `ArrowSchema.metadata`; empty when it is not there. Throws data_error for negative counts.
inline std::string_view find_metadata(const char* metadata, std::string_view key, std::string_view path) {
    if (metadata == nullptr) return {};
    const auto number = [&] {
        std::int32_t n = 0;
        std::memcpy(&n, metadata, sizeof n);
        metadata += sizeof n;
        if (n < 0) refuse_arrow(path, "the metadata has a negative length");
        return static_cast<std::size_t>(n);
    };
    const auto text = [&] {
        const std::size_t size = number();
        const std::string_view v(metadata, size);
        metadata += size;
        return v;
    };
    for (std::size_t left = number(); left > 0; --left) {
        const std::string_view name = text();
        const std::string_view v = text();
        if (name == key) return v;
    }
    return {};
}

/// The name; empty where there is none, which the specification allows. A released structure points nowhere.
inline std::string name_of(const ArrowSchema& node) {
    return node.release == nullptr || node.name == nullptr ? std::string() : std::string(node.name);
}

/// Turns a foreign schema into a plan, checking everything that can be checked.
class arrow_schema_reader {
public:
    arrow_plan read(const ArrowSchema& node, std::string path, int depth) {
        if (node.release == nullptr) refuse_arrow(path, "the schema was already released");
        if (depth > max_arrow_depth) refuse_arrow(path, "types are nested deeper than 64 levels");
        if (++nodes_ > max_arrow_nodes) refuse_arrow(path, "the type has more than a million parts");
        if (node.format == nullptr) refuse_arrow(path, "the schema has no format");
        arrow_plan plan;
        plan.path = std::move(path);
        plan.column.name = name_of(node);
        if (!is_valid_utf8(plan.column.name)) refuse_arrow(plan.path, "its name is not valid UTF-8");
        plan.column.nullable = (node.flags & ARROW_FLAG_NULLABLE) != 0;
        arrow_format_reader(node.format, plan).read();
        read_children(node, plan, depth);
        if (plan.column.type.id == type_id::text &&
            find_metadata(node.metadata, "ARROW:extension:name", plan.path) == "arrow.json") {
            plan.column.type = type_id::json;
        }
        if (node.dictionary != nullptr) read_dictionary(node, plan, depth);
        return plan;
    }

private:
    void read_children(const ArrowSchema& node, arrow_plan& plan, int depth) {
        const bool one = plan.layout == arrow_layout::list || plan.layout == arrow_layout::fixed_list;
        const bool any = plan.layout == arrow_layout::structure;
        if (node.n_children < 0 || node.n_children > static_cast<std::int64_t>(max_arrow_nodes) ||
            (!any && node.n_children != (one ? 1 : 0))) {
            refuse_arrow(plan.path, "its type cannot have " + std::to_string(node.n_children) + " children");
        }
        if (node.n_children > 0 && node.children == nullptr) refuse_arrow(plan.path, "its children are a null pointer");
        for (std::int64_t i = 0; i < node.n_children; ++i) {
            const ArrowSchema* child = node.children[i];
            if (child == nullptr) refuse_arrow(plan.path, "child " + std::to_string(i) + " is a null pointer");
            plan.children.push_back(read(*child, child_path(plan.path, *child, one), depth + 1));
        }
        if (plan.layout == arrow_layout::fixed_list && plan.children[0].column.type.id == type_id::float32) {
            plan.column.type = data_type::vector(static_cast<std::int32_t>(plan.width));
        } else if (one) {
            if (node.format[1] == 'm') check_map(plan);
            plan.column.type = data_type::list(plan.children[0].column);
        } else if (any) {
            std::vector<field> members;
            members.reserve(plan.children.size());
            for (const arrow_plan& child : plan.children) members.push_back(child.column);
            plan.column.type = data_type::structure(std::move(members));
        }
    }

    static std::string child_path(const std::string& path, const ArrowSchema& child, bool element) {
        std::string name = name_of(child);
        if (element && name.empty()) name = "item";
        if (path.empty()) return name;
        name.insert(0, 1, '.');
        return path + name;
    }

    /// A map is a list of structures of key and value.
    static void check_map(const arrow_plan& plan) {
        const arrow_plan& entries = plan.children[0];
        if (entries.layout != arrow_layout::structure || entries.children.size() != 2) {
            refuse_arrow(plan.path, "the entries of a map are not structures of two members");
        }
    }

    void read_dictionary(const ArrowSchema& node, arrow_plan& plan, int depth) {
        if (!is_integer(plan.column.type.id)) {
            refuse_arrow(plan.path,
                         "the indices of a dictionary are not integers but '" + std::string(node.format) + '\'');
        }
        plan.index = plan.column.type;
        plan.dictionary.push_back(read(*node.dictionary, plan.path, depth + 1));
        plan.column.type = plan.dictionary[0].column.type;
        // An extension such as arrow.json is declared beside the indices.
        if (plan.column.type.id == type_id::text &&
            find_metadata(node.metadata, "ARROW:extension:name", plan.path) == "arrow.json") {
            plan.column.type = plan.dictionary[0].column.type = type_id::json;
        }
    }

    std::size_t nodes_ = 0;
};

} // namespace weft::inline v0::detail
