// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Files of vectors for other programs: the formats of `weft/vector/input.hpp` but `bvecs`. Every file is replaced as a
/// whole: it is the old one or the new one, whatever happens. All functions throw an operational_error when the system
/// refuses, and a cancelled_error, with the old file in its place, when they were stopped.

#include <weft/core/error.hpp>
#include <weft/vector/detail/posix_file.hpp>
#include <weft/vector/input.hpp>
#include <weft/vector/matrix.hpp>
#include <weft/vector/metric.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace weft::inline v0::vector {

namespace detail {

/// Writes bytes in pieces, between which it looks whether it was stopped.
class stoppable_file {
public:
    stoppable_file(const std::string& path, const std::stop_token& stop) : path_(path), file_(path), stop_(stop) {}

    void append(const void* data, std::size_t size) {
        constexpr std::size_t piece = std::size_t{8} << 20;
        const auto* from = static_cast<const std::byte*>(data);
        for (std::size_t at = 0; at < size; at += piece) {
            check();
            file_.write_at(end_ + at, {from + at, size - at < piece ? size - at : piece});
        }
        end_ += size;
    }
    void commit() {
        check();
        file_.commit();
    }

private:
    void check() const {
        if (stop_.stop_requested()) throw cancelled_error("writing '" + path_ + "' was cancelled");
    }

    std::string path_;
    new_file file_;
    const std::stop_token& stop_;
    std::uint64_t end_ = 0;
};

/// Rows with their dimension before each.
template <class Element>
void write_vecs(const Element* data, std::size_t rows, std::size_t dimension, const std::string& path,
                const std::stop_token& stop) {
    if (rows != 0) check_dimension(dimension);
    stoppable_file out(path, stop);
    const auto width = static_cast<std::int32_t>(dimension);
    std::vector<std::byte> text;
    for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t at = text.size();
        text.resize(at + sizeof width + dimension * sizeof(Element));
        std::memcpy(text.data() + at, &width, sizeof width);
        std::memcpy(text.data() + at + sizeof width, data + row * dimension, dimension * sizeof(Element));
        if (text.size() < 1'000'000 && row + 1 != rows) continue;
        out.append(text.data(), text.size());
        text.clear();
    }
    out.commit();
}

} // namespace detail

/// Writes a raw file and its description (`n`, `dim` and, if given, `metric`); returns the path.
inline std::string convert_embeddings_to_raw(matrix_view embeddings, const std::string& path,
                                             std::optional<metric_kind> metric = {}, const std::stop_token& stop = {}) {
    const std::string about = vector_reader::beside(path);
    if (about == path) throw programming_error("'" + path + "' would be its own description; take another extension");
    detail::stoppable_file data(path, stop);
    data.append(embeddings.data, embeddings.rows * embeddings.dimension * sizeof(float));
    std::string text =
        "{\"n\": " + std::to_string(embeddings.rows) + ", \"dim\": " + std::to_string(embeddings.dimension);
    if (metric) text += ", \"metric\": \"" + std::string(name_of(*metric)) + '"';
    text += "}\n";
    detail::stoppable_file description(about, stop);
    description.append(text.data(), text.size());
    data.commit();
    description.commit();
    return path;
}

/// The same for numbers of another type, which become floats: `rows` times `dimension` of them.
template <class Number>
    requires std::is_arithmetic_v<Number>
std::string convert_embeddings_to_raw(std::span<const Number> numbers, std::size_t dimension, const std::string& path,
                                      std::optional<metric_kind> metric = {}, const std::stop_token& stop = {}) {
    if (dimension == 0 || numbers.size() % dimension != 0)
        throw data_error(std::to_string(numbers.size()) + " numbers are no whole number of vectors of " +
                         std::to_string(dimension));
    std::vector<float> floats(numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) floats[i] = static_cast<float>(numbers[i]);
    return convert_embeddings_to_raw({floats.data(), numbers.size() / dimension, dimension}, path, metric, stop);
}

/// Writes an NPY file, version 1.
inline void write_npy(matrix_view rows, const std::string& path, const std::stop_token& stop = {}) {
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(rows.rows) + ", " +
                         std::to_string(rows.dimension) + "), }";
    while ((10 + header.size() + 1) % 64 != 0) header += ' '; // the numbers begin at a multiple of 64
    header += '\n';
    std::string file("\x93NUMPY\x01\x00", 8);
    file += static_cast<char>(header.size() & 0xFF);
    file += static_cast<char>(header.size() >> 8);
    file += header;
    detail::stoppable_file out(path, stop);
    out.append(file.data(), file.size());
    out.append(rows.data, rows.rows * rows.dimension * sizeof(float));
    out.commit();
}

/// Writes rows of floats, a 32-bit dimension before each.
inline void write_fvecs(matrix_view rows, const std::string& path, const std::stop_token& stop = {}) {
    detail::write_vecs(rows.data, rows.rows, rows.dimension, path, stop);
}

/// Writes ids: 64-bit little-endian numbers and nothing else.
inline void write_ids(std::span<const std::uint64_t> ids, const std::string& path, const std::stop_token& stop = {}) {
    detail::stoppable_file out(path, stop);
    out.append(ids.data(), ids.size() * sizeof(std::uint64_t));
    out.commit();
}

/// Writes rows of integers, a 32-bit dimension before each. Throws a data_error when the numbers are not so many as the
/// matrix says.
inline void write_ivecs(const integer_matrix& rows, const std::string& path, const std::stop_token& stop = {}) {
    if (rows.data.size() != rows.rows * rows.dimension)
        throw data_error("a matrix of " + std::to_string(rows.rows) + " rows of " + std::to_string(rows.dimension) +
                         " integers has " + std::to_string(rows.data.size()));
    detail::write_vecs(rows.data.data(), rows.rows, rows.dimension, path, stop);
}

} // namespace weft::inline v0::vector
