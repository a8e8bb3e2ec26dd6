// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Flat indexes in files. An index that was opened scans the mapped file itself; the first change copies everything
/// into memory. A scan takes any content of the vectors for what it is, so a damaged file yields wrong distances at
/// worst; with `verify` the whole file is read and its checksums compared first.

#include <weft/vector/detail/section.hpp>
#include <weft/vector/file.hpp>
#include <weft/vector/flat.hpp>
#include <weft/vector/hnsw_file.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

namespace weft::inline v0::vector {

namespace detail {

/// The section `flat`.
struct flat_record {
    std::uint32_t dimension;
    std::uint8_t metric;
    std::uint8_t codes;
    std::uint8_t keeps_vectors;
    std::uint8_t zero;
    std::uint64_t count;
};
static_assert(sizeof(flat_record) == 16);

template <class Record>
void check_kind(const index_file& file, const Record& record, metric_kind metric) {
    if (record.dimension == 0 || record.dimension > most_dimensions)
        file.refuse("its dimension is " + std::to_string(record.dimension));
    if (record.metric != static_cast<std::uint8_t>(metric))
        file.refuse("its metric is " + std::string(name_of(static_cast<metric_kind>(record.metric))) + ", not " +
                    std::string(name_of(metric)));
}

struct flat_access {
    template <class Metric, class Storage>
    static void write(const flat<Metric, Storage>& index, index_file_writer& out) {
        flat_record record{};
        record.dimension = static_cast<std::uint32_t>(index.dimension_);
        record.metric = static_cast<std::uint8_t>(Metric::kind);
        record.codes = static_cast<std::uint8_t>(Storage::codes);
        record.keeps_vectors = Storage::keeps_vectors ? 1 : 0;
        record.count = index.size();
        out.add_values("flat", &record, 1);
        out.add_values("ids", index.ids_.data(), index.ids_.size());
        out.add_values("id_table", index.table_.cells().data(), index.table_.cells().size());
        out.add_values("codes", index.rows_.data(), index.rows_.size());
        if constexpr (Storage::keeps_vectors) out.add_values("vectors", index.vectors_.data(), index.vectors_.size());
    }

    template <class Index>
    static Index read(const index_file& file) {
        using storage = typename Index::storage_type;
        const auto record = read_fixed<flat_record>(file, "flat");
        check_kind(file, record, Index::metric());
        if (record.codes != static_cast<std::uint8_t>(storage::codes) ||
            (record.keeps_vectors != 0) != storage::keeps_vectors)
            file.refuse("its storage is " + std::string(name_of(static_cast<code_kind>(record.codes))) +
                        (record.keeps_vectors != 0 ? " with vectors" : " alone") +
                        ", another one than that of the index");
        if (record.count > 0x7FFFFFFF) file.refuse("it counts " + std::to_string(record.count) + " vectors");
        Index index(record.dimension);
        const auto count = static_cast<std::size_t>(record.count);
        index.rows_ = view_section<std::byte>(file, "codes", count * index.codes_.stride());
        if constexpr (storage::keeps_vectors)
            index.vectors_ = view_section<std::byte>(file, "vectors", count * index.exact_.stride());
        index.ids_ = view_section<std::uint64_t>(file, "ids", count);
        auto cells = view_section<std::uint32_t>(file, "id_table", static_cast<std::size_t>(-1));
        if ((cells.size() & (cells.size() - 1)) != 0)
            file.refuse("its table of ids has a size that is no power of two");
        index.table_ = id_table(std::move(cells));
        index.file_ = std::shared_ptr<file_mapping>(file.mapping());
        return index;
    }
};

template <class Index>
inline constexpr bool is_flat = false;
template <class Metric, class Storage>
inline constexpr bool is_flat<flat<Metric, Storage>> = true;

} // namespace detail

/// Adds an index to a file that is being written, to which other sections may be added.
template <class Metric, class Storage>
void write_index(const flat<Metric, Storage>& index, index_file_writer& out) {
    detail::flat_access::write(index, out);
}

/// Writes an index to `path`, atomically and durably. Throws an operational_error when the system refuses.
template <class Metric, class Storage>
void save_index(const flat<Metric, Storage>& index, const std::string& path) {
    index_file_writer out(path);
    write_index(index, out);
    out.commit();
}

/// Opens the index of a file: `open_index<flat<cosine>>("vectors.flat")`. Throws an operational_error when the file
/// cannot be read and a data_error when it is damaged or holds another kind of index.
template <class Index>
    requires detail::is_flat<Index>
Index open_index(const std::string& path, const open_options& how = {}) {
    const index_file file(path);
    if (how.verify) file.verify();
    return detail::flat_access::read<Index>(file);
}

} // namespace weft::inline v0::vector
