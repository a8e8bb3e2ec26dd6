// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Schemas, columns and record batches as structures of the Arrow C data interface. Nothing is copied: the structures
/// point to the buffers of the columns and share their ownership, so that they outlive the batch they were made from.
///
/// | weft                | Arrow                     | format             |
/// |---------------------|---------------------------|--------------------|
/// | null, boolean       | null, boolean             | `n`, `b`           |
/// | int8 … uint64       | the same                  | `c` … `L`          |
/// | float32, float64    | the same                  | `f`, `g`           |
/// | decimal             | decimal128, decimal256    | `d:p,s`, `…,256`   |
/// | date                | date32                    | `tdD`              |
/// | time                | duration, microseconds    | `tDu`              |
/// | datetime            | timestamp without a zone  | `tsu:`             |
/// | text, blob          | utf8, binary or large     | `u` `z`, `U` `Z`   |
/// | json                | utf8, extension arrow.json | `u`, `U`          |
/// | vector              | fixed-size list of float32 | `+w:N`            |
/// | list, structure     | list or large, struct     | `+l` `+L`, `+s`    |
///
/// A weft time is a signed duration of up to 838 hours, more than Arrow's time of day can hold.

#include <weft/columnar/arrow_abi.hpp>
#include <weft/columnar/record_batch.hpp>

#include <memory>
#include <string>
#include <vector>

namespace weft::inline v0 {

/// A record batch in C structures: the type of the rows and the rows, both a struct (`+s`) with one child a column.
struct arrow_batch {
    arrow_schema layout;
    arrow_array rows;
};

namespace detail {

/// What an exported structure points to. Children live in their parent's node, but each has a node of its own for its
/// contents: a consumer may move a child out and release the parent.
struct schema_node {
    std::string format;
    std::string name;
    std::string metadata;
    std::vector<ArrowSchema> children;
    std::vector<ArrowSchema*> pointers;
};

struct array_node {
    array source; // shares ownership of the buffers
    const void* buffers[3] = {};
    std::vector<ArrowArray> children;
    std::vector<ArrowArray*> pointers;
};

/// The release callback: children that were moved out are marked released and left alone.
template <class C, class Node>
void release_node(C* c) noexcept {
    Node* node = static_cast<Node*>(c->private_data);
    for (C& child : node->children) {
        if (child.release != nullptr) child.release(&child);
    }
    delete node;
    c->release = nullptr;
}

/// Makes `out` the owner of `node` with `children` empty places. When filling one of them throws, whoever owns `out`
/// releases what was there by then.
template <class C, class Node>
Node& adopt_node(C& out, std::unique_ptr<Node> node, std::size_t children) {
    node->children.resize(children); // value-initialised: released
    node->pointers.reserve(children);
    for (C& child : node->children) node->pointers.push_back(&child);
    out = C{};
    out.n_children = static_cast<std::int64_t>(children);
    out.children = children == 0 ? nullptr : node->pointers.data();
    out.release = &release_node<C, Node>;
    out.private_data = node.get();
    return *node.release();
}

inline std::string decimal_format(const field& column) {
    if (column.type.precision == 0) {
        throw not_supported_error("column '" + column.name +
                                  "' is a decimal without declared precision; Arrow needs one");
    }
    std::string format = "d:" + std::to_string(column.type.precision) + ',' + std::to_string(column.type.scale);
    if (decimal_width(column.type.precision) == 32) format += ",256";
    return format;
}

/// Section "Data type description -- format strings".
inline std::string format_of(const field& column, bool large) {
    switch (column.type.id) {
    case type_id::null: return "n";
    case type_id::boolean: return "b";
    case type_id::int8: return "c";
    case type_id::uint8: return "C";
    case type_id::int16: return "s";
    case type_id::uint16: return "S";
    case type_id::int32: return "i";
    case type_id::uint32: return "I";
    case type_id::int64: return "l";
    case type_id::uint64: return "L";
    case type_id::float32: return "f";
    case type_id::float64: return "g";
    case type_id::decimal: return decimal_format(column);
    case type_id::date: return "tdD";
    case type_id::time: return "tDu";
    case type_id::datetime: return "tsu:";
    case type_id::text:
    case type_id::json: return large ? "U" : "u";
    case type_id::blob: return large ? "Z" : "z";
    case type_id::vector: return "+w:" + std::to_string(column.type.dimension);
    case type_id::list: return large ? "+L" : "+l";
    case type_id::structure: return "+s";
    case type_id::any: break;
    }
    throw not_supported_error("column '" + column.name +
                              "' has no declared type; only its values have one. Export a record batch instead");
}

/// One key and its value: counts and lengths as 32-bit integers of this machine (`ArrowSchema.metadata`).
inline std::string encoded_metadata(std::string_view key, std::string_view value) {
    std::string out;
    const auto number = [&out](std::size_t n) {
        const auto v = static_cast<std::int32_t>(n);
        out.append(reinterpret_cast<const char*>(&v), sizeof v);
    };
    number(1);
    number(key.size());
    out += key;
    number(value.size());
    out += value;
    return out;
}

inline void fill_schema(ArrowSchema& out, const field& column, const array* values);

/// The children of a nested type. `values`, where there are any, tell which columns have 64-bit offsets.
inline void fill_children(schema_node& node, const field& column, const array* values) {
    if (column.type.id == type_id::vector) {
        fill_schema(node.children[0], {"item", type_id::float32, false, {}, {}}, nullptr);
        return;
    }
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        field child = (*column.type.children)[i];
        if (column.type.id == type_id::list && child.name.empty()) child.name = "item";
        fill_schema(node.children[i], child, values == nullptr ? nullptr : &values->layout().children[i]);
    }
}

inline void fill_schema(ArrowSchema& out, const field& column, const array* values) {
    const bool large = values != nullptr && values->layout().large;
    auto fresh = std::make_unique<schema_node>();
    fresh->format = format_of(column, large);
    fresh->name = column.name;
    if (column.type.id == type_id::json) fresh->metadata = encoded_metadata("ARROW:extension:name", "arrow.json");
    const std::size_t children = column.type.id == type_id::vector ? 1
                                 : column.type.children            ? column.type.children->size()
                                                                   : 0;
    schema_node& node = adopt_node(out, std::move(fresh), children);
    out.format = node.format.c_str();
    out.name = node.name.c_str();
    out.metadata = node.metadata.empty() ? nullptr : node.metadata.data();
    out.flags = column.nullable ? std::int64_t{ARROW_FLAG_NULLABLE} : std::int64_t{0};
    fill_children(node, column, values);
}

inline arrow_schema struct_schema(const schema& layout, const record_batch* rows) {
    arrow_schema out;
    auto fresh = std::make_unique<schema_node>();
    fresh->format = "+s";
    schema_node& node = adopt_node(*out.get(), std::move(fresh), layout.size());
    out->format = node.format.c_str();
    out->name = node.name.c_str();
    for (std::size_t c = 0; c < layout.size(); ++c) {
        fill_schema(node.children[c], layout[c], rows == nullptr ? nullptr : &(*rows)[c]);
    }
    return out;
}

inline const void* address_of(const buffer& b) noexcept {
    return b ? b.data : no_bytes;
}

/// The float32 child of a vector column. Offsets of a fixed-size list apply to its child multiplied.
inline void fill_elements(ArrowArray& out, const array& vectors) {
    auto fresh = std::make_unique<array_node>();
    fresh->source = vectors;
    array_node& node = adopt_node(out, std::move(fresh), 0);
    const array::parts& p = vectors.layout();
    out.length = (p.offset + p.length) * p.type.dimension;
    out.n_buffers = 2;
    out.buffers = node.buffers;
    node.buffers[1] = address_of(p.values);
}

/// Section "Structure definitions": the number and order of buffers is that of the columnar format's layouts.
inline void fill_array(ArrowArray& out, const array& column) {
    const array::parts& p = column.layout();
    const bool is_vector = p.type.id == type_id::vector;
    auto fresh = std::make_unique<array_node>();
    fresh->source = column;
    array_node& node = adopt_node(out, std::move(fresh), is_vector ? 1 : p.children.size());
    out.length = p.length;
    out.null_count = p.null_count;
    out.offset = p.offset;
    out.buffers = node.buffers;
    out.n_buffers = p.type.id == type_id::null ? 0 : 1;
    node.buffers[0] = p.validity.data;
    if (is_vector) return fill_elements(node.children[0], column);
    for (std::size_t i = 0; i < p.children.size(); ++i) fill_array(node.children[i], p.children[i]);
    if (p.type.id == type_id::null || p.type.id == type_id::structure) return;
    node.buffers[out.n_buffers++] = address_of(p.values);
    if (is_textual(p.type.id) || p.type.id == type_id::blob) node.buffers[out.n_buffers++] = address_of(p.characters);
}

} // namespace detail

/// The schema as a struct of one child a column. Names of tables and declared types do not travel. Throws
/// not_supported_error, naming the column, for columns of type any and decimals without precision: a record batch has
/// neither. Columns are described with 32-bit offsets; export_batch() describes the offsets its columns have.
inline arrow_schema export_schema(const schema& layout) {
    return detail::struct_schema(layout, nullptr);
}

/// One column as an array of its type, with no struct around it.
inline arrow_array export_array(const array& column) {
    arrow_array out;
    detail::fill_array(*out.get(), column);
    return out;
}

/// The type of one column; `values`, where given, is a column of it and decides about 32 or 64-bit offsets.
inline arrow_schema export_field(const field& column, const array* values = nullptr) {
    arrow_schema out;
    detail::fill_schema(*out.get(), column, values);
    return out;
}

/// The rows as a struct array, without their schema; see export_batch().
inline arrow_array export_rows(const record_batch& batch) {
    arrow_array out;
    detail::array_node& node = detail::adopt_node(*out.get(), std::make_unique<detail::array_node>(), batch.columns());
    out->length = static_cast<std::int64_t>(batch.rows());
    out->n_buffers = 1;
    out->buffers = node.buffers;
    for (std::size_t c = 0; c < batch.columns(); ++c) detail::fill_array(node.children[c], batch[c]);
    return out;
}

/// The batch without a copy of its buffers, which live until the structures (or children moved out of them) are
/// released.
inline arrow_batch export_batch(const record_batch& batch) {
    return {detail::struct_schema(batch.layout(), &batch), export_rows(batch)};
}

} // namespace weft::inline v0
