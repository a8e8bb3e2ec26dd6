// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Files of vectors that come from elsewhere:
///
/// | Format    | Layout                                                                                | Extensions |
/// |-----------|---------------------------------------------------------------------------------------|----------------|
/// | `raw_f32` | little-endian floats, row by row, nothing else; a description may stand beside it     | .f32 .raw .bin
/// | | `npy`     | NumPy's, of little-endian floats in C order; one dimension is N vectors of one number | .npy | |
/// `fvecs`   | a 32-bit dimension before each row of floats                                          | .fvecs         |
/// | `bvecs`   | the same with bytes, which become floats from 0 to 255                                | .bvecs |
///
/// The description of `vectors.f32` is `vectors.json` or else `meta.json` in its folder: a JSON object with `n`, `dim`
/// and perhaps `metric`. Raw and NPY files are mapped, not copied, unless asked. Whether numbers are finite is for
/// those who take them. `weft/vector/output.hpp` writes such files.

#include <weft/core/error.hpp>
#include <weft/vector/detail/check.hpp>
#include <weft/vector/detail/posix_file.hpp>
#include <weft/vector/detail/sidecar.hpp>
#include <weft/vector/matrix.hpp>
#include <weft/vector/metric.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::vector {

/// What a file of vectors looks like.
enum class vector_format : std::uint8_t { automatic, raw_f32, npy, fvecs, bvecs };

/// The format of a name: `raw_f32`, `raw`, `f32` or `bin`; `npy` or `numpy`; `fvecs`; `bvecs`. Throws a data_error for
/// others.
inline vector_format parse_format(std::string_view name) {
    if (name == "raw_f32" || name == "raw" || name == "f32" || name == "bin") return vector_format::raw_f32;
    if (name == "npy" || name == "numpy") return vector_format::npy;
    if (name == "fvecs") return vector_format::fvecs;
    if (name == "bvecs") return vector_format::bvecs;
    throw data_error("format '" + std::string(name) + "' is not known; there are raw_f32, npy, fvecs and bvecs");
}

/// Vectors of a file: a view of the mapped file, or of what was converted. Movable.
class vector_file {
public:
    matrix_view rows() const noexcept { return {data_, count_, dimension_}; }
    std::size_t size() const noexcept { return count_; }
    std::size_t dimension() const noexcept { return dimension_; }
    /// The metric that the description names, if it names one.
    std::optional<metric_kind> metric() const noexcept { return metric_; }

private:
    friend struct vector_reader;

    shared<detail::file_mapping> mapping_;
    std::vector<float> converted_;
    const float* data_ = nullptr;
    std::size_t count_ = 0;
    std::size_t dimension_ = 0;
    std::optional<metric_kind> metric_;
};

/// Rows of 32-bit integers: the ids of true neighbours, as published data sets have them.
struct integer_matrix {
    std::vector<std::int32_t> data;
    std::size_t rows = 0;
    std::size_t dimension = 0;
};

/// The functions below, as one friend.
struct vector_reader {
    static vector_file raw(const std::string& path, std::size_t dimension, file_access access) {
        vector_file made = map(path, access);
        const std::size_t bytes = made.mapping_->size();
        std::optional<std::uint64_t> expected;
        if (dimension == 0) {
            const detail::sidecar about = description(path);
            if (!about.dimension)
                throw data_error("Invalid argument: '" + path +
                                 "' needs a dimension: none is given, and no description " + "'" + beside(path) +
                                 "' or meta.json has one");
            dimension = static_cast<std::size_t>(*about.dimension);
            expected = about.rows;
            if (!about.metric.empty()) {
                try {
                    made.metric_ = parse_metric(about.metric);
                } catch (error& e) {
                    e.prepend("the description of '" + path + "': ");
                    throw;
                }
            }
        }
        check_dimension(path, dimension);
        const std::size_t row = dimension * sizeof(float);
        if (bytes != 0 && bytes < row)
            throw data_error("File too small: need " + std::to_string(row) + " bytes, got " + std::to_string(bytes) +
                             " ('" + path + "')");
        if (bytes % row != 0)
            throw data_error("Invalid format: '" + path + "' has " + std::to_string(bytes) +
                             " bytes, not divisible into " + "rows of " + std::to_string(row) + " (dimension " +
                             std::to_string(dimension) + ")");
        if (expected && *expected != bytes / row)
            throw data_error("Invalid format: '" + path + "' holds " + std::to_string(bytes / row) +
                             " vectors, its description says " + std::to_string(*expected));
        show(made, 0, bytes / row, dimension);
        return made;
    }

    static vector_file npy(const std::string& path, std::size_t dimension, file_access access) {
        vector_file made = map(path, access);
        const detail::npy_layout layout = detail::parse_npy({made.mapping_->data(), made.mapping_->size()});
        check_dimension(path, layout.dimension);
        if (dimension != 0 && dimension != layout.dimension) throw_dimension(path, dimension, layout.dimension);
        show(made, layout.offset, layout.rows, layout.dimension);
        return made;
    }

    /// Rows with their dimension before each, of `Element`, through `put(element)`.
    template <class Element, class Put>
    static std::pair<std::size_t, std::size_t> vecs(std::span<const std::byte> bytes, const std::string& path,
                                                    Put&& put) {
        std::size_t rows = 0;
        std::int32_t first = 0;
        const auto refuse = [&](const std::string& why) {
            throw data_error("Invalid format: '" + path + "', row " + std::to_string(rows) + ": " + why);
        };
        for (; !bytes.empty(); ++rows) {
            std::int32_t dimension = 0;
            if (bytes.size() >= sizeof dimension) std::memcpy(&dimension, bytes.data(), sizeof dimension);
            if (rows == 0) first = dimension;
            if (bytes.size() < sizeof dimension) refuse("the file ends in its dimension");
            if (dimension <= 0 || static_cast<std::size_t>(dimension) > detail::most_dimensions)
                refuse("its dimension is " + std::to_string(dimension));
            if (dimension != first)
                refuse("its dimension is " + std::to_string(dimension) + ", that of the others " +
                       std::to_string(first));
            const auto count = static_cast<std::size_t>(dimension);
            bytes = bytes.subspan(sizeof dimension);
            if (bytes.size() < count * sizeof(Element)) refuse("the file ends in it");
            for (std::size_t i = 0; i < count; ++i) {
                Element element;
                std::memcpy(&element, bytes.data() + i * sizeof element, sizeof element);
                put(element);
            }
            bytes = bytes.subspan(count * sizeof(Element));
        }
        return {rows, static_cast<std::size_t>(first)};
    }

    template <class Element>
    static vector_file vecs_file(const std::string& path, std::size_t dimension, file_access access) {
        vector_file made = map(path, access);
        made.converted_.reserve(made.mapping_->size() / sizeof(Element));
        const auto [rows, found] =
            vecs<Element>({made.mapping_->data(), made.mapping_->size()}, path,
                          [&](Element value) { made.converted_.push_back(static_cast<float>(value)); });
        if (rows != 0 && dimension != 0 && dimension != found) throw_dimension(path, dimension, found);
        made.data_ = made.converted_.data();
        made.count_ = rows;
        made.dimension_ = rows == 0 ? dimension : found;
        made.mapping_ = nullptr;
        return made;
    }

    static std::string beside(const std::string& path) {
        const std::size_t slash = path.rfind('/');
        const std::size_t dot = path.rfind('.');
        const bool has_extension =
            dot != std::string::npos && (slash == std::string::npos || dot > slash + 1) && dot != 0;
        return path.substr(0, has_extension ? dot : path.size()) + ".json";
    }

private:
    static vector_file map(const std::string& path, file_access access) {
        vector_file made;
        made.mapping_ = detail::file_mapping(path, access);
        return made;
    }
    static void check_dimension(const std::string& path, std::size_t dimension) {
        if (dimension == 0) throw data_error("Invalid argument: Dimension cannot be 0 ('" + path + "')");
        if (dimension > detail::most_dimensions)
            throw data_error("Invalid argument: dimension " + std::to_string(dimension) + " of '" + path +
                             "'; vectors have at most " + std::to_string(detail::most_dimensions) + " numbers");
    }
    [[noreturn]] static void throw_dimension(const std::string& path, std::size_t expected, std::size_t got) {
        throw data_error("Dimension mismatch: expected " + std::to_string(expected) + ", got " + std::to_string(got) +
                         " ('" + path + "')");
    }
    /// Shows the floats at an offset, which are copied where they are not aligned.
    static void show(vector_file& file, std::size_t offset, std::size_t rows, std::size_t dimension) {
        file.count_ = rows;
        file.dimension_ = dimension;
        if (rows == 0) return;
        const std::byte* from = file.mapping_->data() + offset;
        if (offset % alignof(float) == 0) {
            file.data_ = reinterpret_cast<const float*>(from);
            return;
        }
        file.converted_.resize(rows * dimension);
        std::memcpy(file.converted_.data(), from, rows * dimension * sizeof(float));
        file.data_ = file.converted_.data();
    }
    static bool exists(const std::string& path) noexcept { return ::access(path.c_str(), F_OK) == 0; }
    static detail::sidecar description(const std::string& path) {
        const std::size_t slash = path.rfind('/');
        const std::string common = (slash == std::string::npos ? "" : path.substr(0, slash + 1)) + "meta.json";
        for (const std::string& name : {beside(path), common}) {
            if (name == path || !exists(name)) continue;
            const detail::file_mapping text(name);
            try {
                return detail::parse_sidecar({reinterpret_cast<const char*>(text.data()), text.size()});
            } catch (error& e) {
                e.prepend("'" + name + "': ");
                throw;
            }
        }
        return {};
    }
};

/// Opens a file of vectors. Without a format the extension says which; `dimension` is needed for raw files without a
/// description, and compared with what other files say. Throws an operational_error when the file cannot be read and a
/// data_error when it is not what it should be.
inline vector_file read_vectors(const std::string& path, vector_format format = vector_format::automatic,
                                std::size_t dimension = 0, file_access access = file_access::mapped) {
    if (format == vector_format::automatic) {
        const std::size_t dot = path.rfind('.');
        const std::string_view extension =
            dot == std::string::npos ? std::string_view() : std::string_view(path).substr(dot);
        if (extension == ".npy")
            format = vector_format::npy;
        else if (extension == ".f32" || extension == ".raw" || extension == ".bin")
            format = vector_format::raw_f32;
        else if (extension == ".fvecs")
            format = vector_format::fvecs;
        else if (extension == ".bvecs")
            format = vector_format::bvecs;
        else
            throw data_error("Invalid format: Could not detect format from extension of '" + path +
                             "'. Use --format, or name a format");
    }
    switch (format) {
    case vector_format::npy: return vector_reader::npy(path, dimension, access);
    case vector_format::fvecs: return vector_reader::vecs_file<float>(path, dimension, access);
    case vector_format::bvecs: return vector_reader::vecs_file<std::uint8_t>(path, dimension, access);
    default: return vector_reader::raw(path, dimension, access);
    }
}

/// Maps a raw file of floats as N rows; the dimension comes from the description when it is not given.
inline vector_file read_raw_embeddings(const std::string& path, std::size_t dimension = 0,
                                       file_access access = file_access::mapped) {
    return vector_reader::raw(path, dimension, access);
}

/// Reads rows of integers, a 32-bit dimension before each.
inline integer_matrix read_ivecs(const std::string& path) {
    const detail::file_mapping file(path);
    integer_matrix made;
    made.data.reserve(file.size() / sizeof(std::int32_t));
    const auto [rows, dimension] = vector_reader::vecs<std::int32_t>(
        {file.data(), file.size()}, path, [&](std::int32_t value) { made.data.push_back(value); });
    made.rows = rows;
    made.dimension = dimension;
    return made;
}

/// Reads ids: 64-bit little-endian numbers and nothing else.
inline std::vector<std::uint64_t> read_ids(const std::string& path) {
    const detail::file_mapping file(path);
    if (file.size() % sizeof(std::uint64_t) != 0)
        throw data_error("Invalid format: '" + path + "' has " + std::to_string(file.size()) +
                         " bytes, which is no whole number of 64-bit ids");
    std::vector<std::uint64_t> ids(file.size() / sizeof(std::uint64_t));
    if (!ids.empty()) std::memcpy(ids.data(), file.data(), file.size());
    return ids;
}

} // namespace weft::inline v0::vector
