// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// HNSW indexes in files. An index that was opened searches the mapped file itself: opening reads a page or two, and
/// the system loads what searches touch. The first change copies everything into memory; the file is never changed.
///
/// A search takes the contents of its sections for what they are: numbers of vertices are compared with the number of
/// vertices wherever they are followed, so that a damaged file yields wrong neighbours at worst. To be told instead,
/// ask for `verify`, which reads the file once.

#include <weft/vector/file.hpp>
#include <weft/vector/hnsw.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>

namespace weft::inline v0::vector {

/// How an index is opened.
struct open_options {
    bool verify = false; ///< read the whole file and compare checksums first
};

/// What an index file says about its index.
struct index_file_info {
    std::size_t vectors = 0;
    std::size_t dimension = 0;
    metric_kind metric = metric_kind::l2;
    code_kind codes = code_kind::f32;
    bool keeps_vectors = false;
    std::size_t m = 0;
    std::size_t ef_construction = 0;
    std::size_t ef_search = 0;
};

namespace detail {

/// The section `hnsw`: everything of fixed size.
struct hnsw_record {
    std::uint32_t dimension;
    std::uint8_t metric;
    std::uint8_t codes;
    std::uint8_t keeps_vectors;
    std::uint8_t zero;
    std::uint32_t m;
    std::uint32_t entry;
    std::uint64_t ef_construction;
    std::uint64_t ef_search;
    std::uint64_t seed;
    std::uint64_t slots;
    std::uint64_t live;
    std::uint64_t dead;
};
static_assert(sizeof(hnsw_record) == 64);

/// The record of a file, whose checksum is right and whose numbers can be.
inline hnsw_record read_record(const index_file& file) {
    if (!file.has("hnsw")) file.refuse("it has no HNSW index");
    file.verify("hnsw");
    hnsw_record record;
    const std::span<const std::byte> bytes = file.section("hnsw");
    if (bytes.size() != sizeof record) file.refuse("its section 'hnsw' has another size");
    std::memcpy(&record, bytes.data(), sizeof record);
    if (record.dimension == 0 || record.dimension > most_dimensions)
        file.refuse("its dimension is " + std::to_string(record.dimension));
    if (record.metric > static_cast<std::uint8_t>(metric_kind::hamming)) file.refuse("its metric is unknown");
    if (record.codes > static_cast<std::uint8_t>(code_kind::rabitq)) file.refuse("its codes are of an unknown kind");
    if (record.m < 2 || record.m > 1024) file.refuse("its m is " + std::to_string(record.m));
    if (record.slots > most_slots || record.live > record.slots || record.dead > record.slots - record.live)
        file.refuse("it counts " + std::to_string(record.live) + " vectors and " + std::to_string(record.dead) +
                    " erased ones in " + std::to_string(record.slots) + " places");
    if (record.entry >= record.slots && record.entry != no_slot)
        file.refuse("its entry is vertex " + std::to_string(record.entry));
    if (record.ef_construction == 0 || record.ef_construction > 1'000'000)
        file.refuse("its ef_construction is out of range");
    return record;
}

/// Shows a section as `count` values; `count` of -1 takes what is there.
template <class T>
buffer<T> view_section(const index_file& file, const char* name, std::size_t count) {
    const std::span<const std::byte> bytes = file.section(name);
    if (count == static_cast<std::size_t>(-1)) count = bytes.size() / sizeof(T);
    if (bytes.size() != count * sizeof(T))
        file.refuse("its section '" + std::string(name) + "' has " + std::to_string(bytes.size()) +
                    " bytes instead of " + std::to_string(count * sizeof(T)));
    return buffer<T>::view(reinterpret_cast<const T*>(bytes.data()), count);
}

struct hnsw_access {
    template <class Index>
    static void write(const Index& index, index_file_writer& out) {
        using storage = typename Index::storage_type;
        const graph& layers = index.core_.layers;
        hnsw_record record{};
        record.dimension = static_cast<std::uint32_t>(index.dimension_);
        record.metric = static_cast<std::uint8_t>(Index::metric());
        record.codes = static_cast<std::uint8_t>(storage::codes);
        record.keeps_vectors = storage::keeps_vectors ? 1 : 0;
        record.m = static_cast<std::uint32_t>(index.options_.m);
        record.entry = layers.entry;
        record.ef_construction = index.options_.ef_construction;
        record.ef_search = index.options_.ef_search;
        record.seed = index.options_.seed;
        record.slots = layers.slots();
        record.live = index.live_;
        record.dead = index.dead_;
        out.add_values("hnsw", &record, 1);
        const auto add = [&](const char* name, const auto& values) {
            out.add_values(name, values.data(), values.size());
        };
        add("levels", layers.levels);
        add("states", layers.states);
        add("upper_at", layers.upper_at);
        add("links", layers.base);
        add("upper_links", layers.upper);
        add("ids", index.ids_);
        add("id_table", index.table_.cells());
        add("codes", index.core_.rows);
        if constexpr (storage::keeps_vectors) add("vectors", index.core_.vectors);
        if constexpr (storage::codes == code_kind::rabitq) add("neighbour_codes", index.core_.blocks);
    }

    template <class Index>
    static Index read(const index_file& file) {
        using storage = typename Index::storage_type;
        const hnsw_record record = read_record(file);
        const auto metric = static_cast<metric_kind>(record.metric);
        const auto codes = static_cast<code_kind>(record.codes);
        if (metric != Index::metric())
            file.refuse("its metric is " + std::string(name_of(metric)) + ", not " +
                        std::string(name_of(Index::metric())));
        if (codes != storage::codes || (record.keeps_vectors != 0) != storage::keeps_vectors)
            file.refuse("its storage is " + std::string(name_of(codes)) +
                        (record.keeps_vectors != 0 ? " with vectors" : " alone") +
                        ", another one than that of the index");
        Index index(record.dimension, hnsw_options{.m = record.m,
                                                   .ef_construction = static_cast<std::size_t>(record.ef_construction),
                                                   .ef_search = static_cast<std::size_t>(record.ef_search),
                                                   .seed = record.seed});
        const auto slots = static_cast<std::size_t>(record.slots);
        graph& layers = index.core_.layers;
        layers.levels = view_section<std::uint8_t>(file, "levels", slots);
        layers.states = view_section<std::uint8_t>(file, "states", slots);
        layers.upper_at = view_section<std::uint32_t>(file, "upper_at", slots);
        layers.base = view_section<std::uint32_t>(file, "links", slots * layers.stride0);
        layers.upper = view_section<std::uint32_t>(file, "upper_links", static_cast<std::size_t>(-1));
        layers.entry = record.entry;
        index.ids_ = view_section<std::uint64_t>(file, "ids", slots);
        auto cells = view_section<std::uint32_t>(file, "id_table", static_cast<std::size_t>(-1));
        if ((cells.size() & (cells.size() - 1)) != 0)
            file.refuse("its table of ids has a size that is no power of two");
        index.table_ = id_table(std::move(cells));
        index.core_.rows = view_section<std::byte>(file, "codes", slots * index.core_.codes.stride());
        if constexpr (storage::keeps_vectors)
            index.core_.vectors = view_section<std::byte>(file, "vectors", slots * index.core_.exact.stride());
        if constexpr (storage::codes == code_kind::rabitq)
            index.core_.blocks = view_section<std::byte>(file, "neighbour_codes", slots * index.core_.ways.stride());
        index.live_ = static_cast<std::size_t>(record.live);
        index.dead_ = static_cast<std::size_t>(record.dead);
        index.file_ = std::shared_ptr<file_mapping>(file.mapping());
        return index;
    }
};

} // namespace detail

/// Adds an index to a file that is being written, to which other sections may be added.
template <class Metric, class Storage>
void write_index(const hnsw<Metric, Storage>& index, index_file_writer& out) {
    detail::hnsw_access::write(index, out);
}

/// Writes an index to `path`, atomically and durably. Throws an operational_error when the system refuses.
template <class Metric, class Storage>
void save_index(const hnsw<Metric, Storage>& index, const std::string& path) {
    index_file_writer out(path);
    write_index(index, out);
    out.commit();
}

/// Opens the index of a file: `open_index<hnsw<cosine, int8>>("vectors.hnsw")`. Throws an operational_error when the
/// file cannot be read and a data_error when it is damaged or holds another kind of index.
template <class Index>
Index open_index(const std::string& path, const open_options& how = {}) {
    const index_file file(path);
    if (how.verify) file.verify();
    return detail::hnsw_access::read<Index>(file);
}

/// Reads what a file says about its index. Throws as `open_index` does.
inline index_file_info read_index_info(const index_file& file) {
    const detail::hnsw_record record = detail::read_record(file);
    return {.vectors = static_cast<std::size_t>(record.live),
            .dimension = record.dimension,
            .metric = static_cast<metric_kind>(record.metric),
            .codes = static_cast<code_kind>(record.codes),
            .keeps_vectors = record.keeps_vectors != 0,
            .m = record.m,
            .ef_construction = static_cast<std::size_t>(record.ef_construction),
            .ef_search = static_cast<std::size_t>(record.ef_search)};
}

} // namespace weft::inline v0::vector
