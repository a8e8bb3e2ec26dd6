// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Indexes named by text, as users of vector servers name them.
///
/// | Text                         | Index                                                                          |
/// |------------------------------|--------------------------------------------------------------------------------|
/// | `Flat`                       | `flat`                                                                         |
/// | `HNSW`, `HNSW48`             | `hnsw` with 32, or so many, links                                              |
/// | `IVF`, `IVF100`              | `ivf` with 256, or so many, lists                                              |
/// | `PQ16`, `PQ16x4`, `PQ16x8`   | `pq` of 16 pieces with codes of 8 bits, or 4 or 8                              |
/// | `IVF256,PQ16`, `IVF256,PQ16x4` | `ivf_pq`                                                                     |
///
/// `,Flat` may follow `HNSW…` and `IVF…`, and changes nothing. `,RFlat` may follow a `PQ…`: the vectors are kept to
/// order the best candidates exactly. `fs` may follow `x4`. Case does not matter; there are no blanks.

#include <weft/core/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace weft::inline v0::vector {

/// The families of indexes.
enum class index_family : unsigned char { flat, hnsw, ivf, pq, ivf_pq };

/// What a text says about an index.
struct index_description {
    index_family family = index_family::flat;
    std::size_t links = 32;    ///< of `hnsw`
    std::size_t lists = 256;   ///< of `ivf` and `ivf_pq`
    std::size_t pieces = 0;    ///< of `pq` and `ivf_pq`
    unsigned bits = 8;         ///< of the codes of `pq` and `ivf_pq`: 4 or 8
    bool keep_vectors = false; ///< keep vectors beside codes

    friend bool operator==(const index_description&, const index_description&) = default;
};

namespace detail {

class index_parser {
public:
    explicit index_parser(std::string_view text) : text_(text) {}

    index_description parse() {
        index_description found;
        if (take("HNSW")) {
            found.family = index_family::hnsw;
            if (at_digit()) found.links = number("links", 2, 1024);
            flat_may_follow();
        } else if (take("IVF")) {
            found.family = index_family::ivf;
            if (at_digit()) found.lists = number("lists", 1, 1'000'000);
            if (!at_end()) {
                comma();
                if (!take("Flat")) {
                    codes(found);
                    found.family = index_family::ivf_pq;
                }
            }
        } else if (take("Flat")) {
            found.family = index_family::flat;
        } else {
            codes(found);
            found.family = index_family::pq;
        }
        if (!at_end()) fail(at_, "does not belong there");
        return found;
    }

private:
    // PQ and what may follow it.
    void codes(index_description& found) {
        const std::size_t begin = at_;
        if (!take("PQ")) fail(begin, "is unknown; there are Flat, HNSW, IVF and PQ");
        if (!at_digit()) fail(at_, "should be the number of pieces", "PQ needs one, as in PQ16");
        found.pieces = number("pieces", 1, 65536);
        if (take("x")) {
            const std::size_t place = at_;
            found.bits = static_cast<unsigned>(number("bits", 1, 64));
            if (found.bits != 4 && found.bits != 8) {
                at_ = place;
                fail(place, "is no number of bits that codes can have", "there are 4 and 8");
            }
            if (found.bits == 4) static_cast<void>(take("fs"));
        }
        if (at_end()) return;
        comma();
        if (!take("RFlat")) fail(at_, "cannot follow a PQ");
        found.keep_vectors = true;
    }

    void flat_may_follow() {
        if (at_end()) return;
        comma();
        if (!take("Flat")) fail(at_, "cannot follow HNSW");
    }

    void comma() {
        if (!take(",")) fail(at_, "does not belong there");
    }

    std::size_t number(const char* what, std::size_t least, std::size_t most) {
        const std::size_t begin = at_;
        std::size_t value = 0;
        for (; at_digit(); ++at_)
            if (value <= most) value = value * 10 + static_cast<std::size_t>(text_[at_] - '0');
        if (at_ == begin || value < least || value > most)
            fail(begin, "is no number of " + std::string(what),
                 "there can be " + std::to_string(least) + " to " + std::to_string(most));
        return value;
    }

    // Takes a word, if it is there, whatever its case. Words of letters end where letters end.
    bool take(std::string_view word) noexcept {
        if (text_.size() - at_ < word.size()) return false;
        for (std::size_t i = 0; i < word.size(); ++i)
            if (lower(text_[at_ + i]) != lower(word[i])) return false;
        at_ += word.size();
        return true;
    }

    static constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
    bool at_end() const noexcept { return at_ == text_.size(); }
    bool at_digit() const noexcept { return !at_end() && text_[at_] >= '0' && text_[at_] <= '9'; }

    [[noreturn]] void fail(std::size_t place, const std::string& why, const std::string& hint = {}) const {
        std::size_t end = place;
        while (end < text_.size() && (end == place || text_[end] != ',')) ++end;
        const std::string part =
            place == text_.size() ? "the end" : "'" + std::string(text_.substr(place, end - place)) + "'";
        throw data_error("index type '" + std::string(text_) + "' is not allowed: " + part + " at position " +
                         std::to_string(place) + " " + why + (hint.empty() ? "" : "; " + hint));
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace detail

/// What the text says; see the table above. Throws a data_error that names the text and the position (from 0) of what
/// is wrong.
inline index_description parse_index(std::string_view text) {
    return detail::index_parser(text).parse();
}

/// The text of a description, which `parse_index` reads again: `Flat`, `HNSW32`, `IVF256,Flat`, `IVF256,PQ16x4,RFlat`.
inline std::string to_text(const index_description& index) {
    std::string text;
    switch (index.family) {
    case index_family::flat: return "Flat";
    case index_family::hnsw: return "HNSW" + std::to_string(index.links);
    case index_family::ivf: return "IVF" + std::to_string(index.lists) + ",Flat";
    case index_family::ivf_pq: text = "IVF" + std::to_string(index.lists) + ","; break;
    case index_family::pq: break;
    }
    text += "PQ" + std::to_string(index.pieces);
    if (index.bits != 8) text += "x" + std::to_string(index.bits);
    if (index.keep_vectors) text += ",RFlat";
    return text;
}

} // namespace weft::inline v0::vector
