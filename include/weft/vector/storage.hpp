// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// How an index keeps its vectors: the codes that a search compares, and whether the full-precision vectors are kept
/// beside them to order the best candidates exactly.
///
/// | Storage          | Bytes per vector, D numbers   | Distances returned                             |
/// |------------------|-------------------------------|------------------------------------------------|
/// | `f32`            | 4 D                           | exact                                          |
/// | `f16`, `bf16`    | 2 D + 4 D                     | exact, of the candidates the codes found       |
/// | `int8`           | D + 12 + 4 D                  | exact, of the candidates the codes found       |
/// | `rabitq`         | D + 12 + L (D / 8 + 12) + 4 D | exact, of the candidates the codes found       |
/// | `codes_only<S>`  | without the 4 D               | of the codes                                   |
///
/// Each row of codes is rounded up to whole cache lines of 64 bytes. For `rabitq` D is rounded up to a multiple of 64,
/// and L is the 2 m links of a vertex, rounded up to a multiple of 32: with 768 numbers and m = 16 a vector takes
/// 4288 bytes beside its full precision, where `int8` takes 832.

#include <weft/core/config.hpp>
#include <weft/vector/metric.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>

namespace weft::inline v0::vector {

/// The kinds of codes as values. The numbers are those in index files.
enum class code_kind : std::uint8_t { f32 = 0, f16 = 1, bf16 = 2, int8 = 3, rabitq = 4 };

/// The name of a kind of codes: `f32`, `f16`, `bf16`, `int8` or `rabitq`.
constexpr std::string_view name_of(code_kind codes) noexcept {
    constexpr std::string_view names[] = {"f32", "f16", "bf16", "int8", "rabitq"};
    const auto index = static_cast<std::size_t>(codes);
    return index < 5 ? names[index] : std::string_view("unknown");
}

/// A storage policy; see the table above.
template <code_kind Codes, bool KeepsVectors>
struct stored {
    static constexpr code_kind codes = Codes;
    /// Whether the full-precision vectors are kept as well.
    static constexpr bool keeps_vectors = KeepsVectors;
};

/// Floats: no codes, nothing lost.
using f32 = stored<code_kind::f32, false>;
/// IEEE half floats: 11 bits of precision, numbers up to 65 504.
using f16 = stored<code_kind::f16, true>;
/// The upper halves of floats: 8 bits of precision, any number.
using bf16 = stored<code_kind::bf16, true>;
/// Numbers of 8 bits, each vector with a scale of its own: nothing has to be trained. For `l2`, `inner_product` and
/// `cosine`. Vectors of which a few numbers dwarf all others lose the others: take `bf16` for those.
using int8 = stored<code_kind::int8, true>;

/// Numbers of 8 bits of vectors that were rotated at random, and beside each vertex of a graph one bit a number of the
/// way to each of its neighbours (RaBitQ codes in the layout of SymphonyQG). A search estimates the distances to all
/// neighbours of a vertex with one scan of these and computes only those to the vertices it visits. The fastest where
/// vectors are long and memory is to be had. For `hnsw` with `l2`, `inner_product` or `cosine`; makes most of its room
/// when m is a multiple of 16. As vectors are rotated, a few numbers that dwarf the others do no harm.
using rabitq = stored<code_kind::rabitq, true>;

/// The codes of another storage without the full-precision vectors.
template <class Storage>
using codes_only = stored<Storage::codes, false>;

/// A storage policy that has codes for the metric, for any index.
template <class Storage, class Metric>
concept storage_for =
    requires {
        { Storage::codes } -> std::convertible_to<code_kind>;
        { Storage::keeps_vectors } -> std::convertible_to<bool>;
    } && number_metric<Metric> && (Storage::codes != code_kind::int8 || static_cast<int>(Metric::kind) <= 2) &&
    Storage::codes != code_kind::rabitq;

/// A storage policy that a graph can have for the metric.
template <class Storage, class Metric>
concept graph_storage_for =
    storage_for<Storage, Metric> ||
    (number_metric<Metric> && Storage::codes == code_kind::rabitq && static_cast<int>(Metric::kind) <= 2);

} // namespace weft::inline v0::vector
