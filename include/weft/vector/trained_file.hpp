// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `ivf`, `pq` and `ivf_pq` in files. They are read into memory; every checksum is compared on the way, so a damaged
/// file is refused.

#include <weft/vector/detail/section.hpp>
#include <weft/vector/flat_file.hpp>
#include <weft/vector/ivf.hpp>
#include <weft/vector/pq.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::inline v0::vector {

namespace detail {

/// The section `trained`.
struct trained_record {
    std::uint32_t dimension;
    std::uint8_t metric;
    std::uint8_t codes; // the kind of rows, or 0x80 and the bits of a product quantiser's codes
    std::uint8_t keep_vectors;
    std::uint8_t is_trained;
    std::uint64_t lists;
    std::uint64_t pieces; // 0 for rows
    std::uint64_t probes;
    std::uint64_t count;
    std::uint64_t iterations;
    std::uint64_t most_per_centroid;
    std::uint64_t seed;
};
static_assert(sizeof(trained_record) == 64);

template <class Index>
inline constexpr std::uint8_t codes_of = 0;
template <class Metric, class Storage>
inline constexpr std::uint8_t codes_of<trained_index<Metric, row_payload<Metric, Storage>>> =
    static_cast<std::uint8_t>(Storage::codes);
template <class Metric, unsigned Bits>
inline constexpr std::uint8_t codes_of<trained_index<Metric, pq_payload<Metric, Bits>>> = 0x80 | Bits;

struct trained_access {
    template <class Metric, class Payload>
    static void write(const trained_index<Metric, Payload>& index, index_file_writer& out) {
        const trained_options& options = index.options_;
        trained_record record{};
        record.dimension = static_cast<std::uint32_t>(index.dimension());
        record.metric = static_cast<std::uint8_t>(Metric::kind);
        record.codes = codes_of<trained_index<Metric, Payload>>;
        record.keep_vectors = options.keep_vectors ? 1 : 0;
        record.is_trained = index.trained_ ? 1 : 0;
        record.lists = index.lists_wanted_;
        if constexpr (Payload::uses_residuals) record.pieces = index.payload_.quantiser().pieces();
        record.probes = options.probes;
        record.count = index.size();
        record.iterations = options.training.iterations;
        record.most_per_centroid = options.training.most_per_centroid;
        record.seed = options.training.seed;
        out.add_values("trained", &record, 1);
        flat_access::write(index.held_, out);
        if (!index.trained_) return;
        if constexpr (Payload::uses_residuals) {
            const std::span<const float> book = index.payload_.quantiser().codebook();
            out.add_values("codebook", book.data(), book.size());
        }
        out.add_values("centres", index.centres_.data(), index.centres_.size());
        std::vector<std::uint32_t> sizes;
        for (const auto& each : index.lists_) sizes.push_back(static_cast<std::uint32_t>(each.slots.size()));
        out.add_values("list_sizes", sizes.data(), sizes.size());
        out.begin("list_ids", index.ids_.size() * sizeof(std::uint64_t));
        std::vector<std::uint64_t> ids;
        for (const auto& each : index.lists_) {
            ids.clear();
            for (const std::uint32_t slot : each.slots) ids.push_back(index.ids_[slot]);
            out.append(bytes_of(ids.data(), ids.size()));
        }
        out.end();
        out.begin("list_rows");
        for (const auto& each : index.lists_) out.append({each.rows.data(), each.rows.size()});
        out.end();
    }

    template <class Index>
    static Index read(const index_file& file) {
        const auto record = read_fixed<trained_record>(file, "trained");
        check_kind(file, record, Index::metric());
        if (record.codes != codes_of<typename Index::lists_type>)
            file.refuse("its codes are of another kind than those of the index");
        if (record.lists == 0 || record.lists > 1'000'000 || record.count > 0x7FFFFFFF || record.probes == 0 ||
            (record.pieces != 0 && record.dimension % record.pieces != 0))
            file.refuse("its section 'trained' has numbers that cannot be");
        Index index = make<Index>(file, record);
        index.held_ = flat_access::read<std::remove_reference_t<decltype(index.held_)>>(file);
        if (index.held_.dimension() != record.dimension) file.refuse("its sections disagree about the dimension");
        file.verify();
        if (record.is_trained != 0) {
            read_lists(index, file, record);
        } else if (index.held_.size() != record.count) {
            file.refuse("its sections disagree about the number of vectors");
        }
        return index;
    }

private:
    template <class Index>
    static Index make(const index_file& file, const trained_record& record) {
        const trained_options options{
            .lists = static_cast<std::size_t>(record.lists),
            .probes = static_cast<std::size_t>(record.probes),
            .keep_vectors = record.keep_vectors != 0,
            .training = {.iterations = static_cast<std::size_t>(record.iterations),
                         .most_per_centroid = static_cast<std::size_t>(record.most_per_centroid),
                         .seed = record.seed}};
        if constexpr (std::is_constructible_v<Index, std::size_t, trained_options>) {
            Index index(record.dimension, options);
            if (index.options().keep_vectors != options.keep_vectors)
                file.refuse("it has no full-precision vectors, which the index keeps");
            return index;
        } else {
            if (record.pieces == 0) file.refuse("it has codes of 0 pieces");
            Index index(record.dimension, static_cast<std::size_t>(record.pieces), options);
            if (index.options().lists != record.lists)
                file.refuse("it has " + std::to_string(record.lists) + " lists; the index has one");
            return index;
        }
    }

    template <class Index>
    static void read_lists(Index& index, const index_file& file, const trained_record& record) {
        const std::size_t dimension = record.dimension;
        const auto lists = static_cast<std::size_t>(record.lists);
        const auto count = static_cast<std::size_t>(record.count);
        if constexpr (Index::payload_type::uses_residuals)
            index.payload_.quantiser().set_codebook(read_values<float>(file, "codebook"));
        index.centres_ = read_values<float>(file, "centres", lists > 1 ? lists * dimension : 0);
        const std::size_t bad = first_not_finite(index.centres_.data(), index.centres_.size());
        if (bad != index.centres_.size()) file.refuse("its centroids are not finite");
        if (lists > 1) index.columns_ = column_matrix(index.centres_.data(), lists, dimension);
        const auto sizes = read_values<std::uint32_t>(file, "list_sizes", lists);
        const auto ids = read_values<std::uint64_t>(file, "list_ids", count);
        const std::span<const std::byte> rows = file.section("list_rows");
        index.lists_.resize(lists);
        index.ids_.resize(count, 0);
        index.places_.resize(count);
        index.table_.clear(count);
        std::size_t slot = 0;
        std::size_t at = 0;
        for (std::size_t i = 0; i < lists; ++i) {
            auto& to = index.lists_[i];
            const std::size_t bytes = index.payload_.bytes(sizes[i]);
            if (sizes[i] > count - slot || bytes > rows.size() - at)
                file.refuse("its lists are longer than its vectors");
            to.rows.resize(bytes, std::byte{});
            if (bytes != 0) std::memcpy(to.rows.data(), rows.data() + at, bytes);
            at += bytes;
            to.slots.resize(sizes[i]);
            for (std::uint32_t j = 0; j < sizes[i]; ++j, ++slot) {
                if (index.table_.find(ids[slot], index.ids_.data(), slot) != id_table::empty)
                    file.refuse("it has id " + std::to_string(ids[slot]) + " twice");
                index.ids_[slot] = ids[slot];
                index.places_[slot] = {static_cast<std::uint32_t>(i), j};
                to.slots[j] = static_cast<std::uint32_t>(slot);
                index.table_.put(ids[slot], static_cast<std::uint32_t>(slot));
                if (index.keeps() && !index.held_.contains(ids[slot]))
                    file.refuse("it has no full-precision vector " + std::to_string(ids[slot]));
            }
        }
        if (slot != count || at != rows.size()) file.refuse("its lists are shorter than its vectors");
        if (index.held_.size() != (index.keeps() ? count : 0))
            file.refuse("its sections disagree about the number of vectors");
        index.trained_ = true;
    }
};

} // namespace detail

/// Adds an index to a file that is being written, to which other sections may be added.
template <class Metric, class Payload>
void write_index(const detail::trained_index<Metric, Payload>& index, index_file_writer& out) {
    detail::trained_access::write(index, out);
}

/// Writes an index to `path`, atomically and durably. Throws an operational_error when the system refuses.
template <class Metric, class Payload>
void save_index(const detail::trained_index<Metric, Payload>& index, const std::string& path) {
    index_file_writer out(path);
    write_index(index, out);
    out.commit();
}

/// Opens the index of a file: `open_index<ivf<cosine>>("vectors.ivf")`. Throws an operational_error when the file
/// cannot be read and a data_error when it is damaged or holds another kind of index.
template <class Index>
    requires std::derived_from<Index, typename Index::lists_type>
Index open_index(const std::string& path, const open_options& = {}) {
    const index_file file(path);
    return detail::trained_access::read<Index>(file);
}

} // namespace weft::inline v0::vector
