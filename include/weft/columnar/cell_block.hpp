// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `cell_block`: a block that owns copies of its cells. Where rows must outlive the statement that made them (buffered
/// cursors, type-erased connections) they are copied here: cells column by column, their bytes in one arena.

#include <weft/columnar/block.hpp>
#include <weft/core/value.hpp>

#include <cstring>
#include <memory>
#include <vector>

namespace weft::inline v0 {

class cell_block {
public:
    cell_block() = default;
    explicit cell_block(std::shared_ptr<const schema> layout) { reset(std::move(layout)); }

    std::size_t rows() const noexcept { return rows_; }
    const schema& layout() const noexcept { return *layout_; }
    cell at(std::size_t column, std::size_t row) const noexcept { return columns_[column][row]; }

    /// Forgets all rows and takes a new schema; keeps memory for reuse.
    void reset(std::shared_ptr<const schema> layout) {
        layout_ = std::move(layout);
        columns_.resize(layout_->size());
        for (auto& column : columns_) column.clear();
        owned_.clear();
        if (chunks_.size() > 1) chunks_.erase(chunks_.begin(), chunks_.end() - 1);
        used_ = 0;
        rows_ = 0;
    }

    /// The same with a copy of the schema.
    void reset(const schema* layout) { reset(std::make_shared<const schema>(*layout)); }

    /// Appends a copy of rows of `source`.
    template <block B>
    void append(const B& source, row_range rows) {
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            for (std::size_t r = 0; r < rows.count; ++r) columns_[c].push_back(keep(source.at(c, rows.first + r)));
        }
        rows_ += rows.count;
    }

private:
    static constexpr std::size_t first_chunk = 4096;
    static constexpr std::size_t largest_chunk = std::size_t{1} << 20;

    cell keep(const cell& c) {
        switch (c.kind()) {
        case type_id::text: return cell::of_text(keep_text(c.text()));
        case type_id::json: return cell::of_json(keep_text(c.text()));
        case type_id::blob: {
            const std::string_view bytes = keep_text({reinterpret_cast<const char*>(c.blob().data()), c.blob().size()});
            return cell::of_blob({reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()});
        }
        case type_id::vector: {
            const std::size_t size = c.vector().size();
            void* place = take(size * sizeof(float));
            if (size != 0) std::memcpy(place, c.vector().data(), size * sizeof(float));
            return cell::of_vector({static_cast<const float*>(place), size});
        }
        case type_id::decimal:
        case type_id::list:
        case type_id::structure: owned_.emplace_back(c); return owned_.back().view();
        default: return c;
        }
    }

    std::string_view keep_text(std::string_view text) {
        char* place = static_cast<char*>(take(text.size()));
        if (!text.empty()) std::memcpy(place, text.data(), text.size());
        return {place, text.size()};
    }

    /// Memory for `size` bytes, aligned for floats. Chunks double up to a limit: few allocations, little waste.
    void* take(std::size_t size) {
        size = (size + 7) / 8 * 8;
        if (chunks_.empty() || chunks_.back().size - used_ < size) {
            std::size_t next = chunks_.empty() ? first_chunk : 2 * chunks_.back().size;
            if (next > largest_chunk) next = largest_chunk;
            if (next < size) next = size;
            chunks_.push_back({std::unique_ptr<std::byte[]>(new std::byte[next]), next});
            used_ = 0;
        }
        void* place = chunks_.back().bytes.get() + used_;
        used_ += size;
        return place;
    }

    struct chunk {
        std::unique_ptr<std::byte[]> bytes;
        std::size_t size;
    };

    std::shared_ptr<const schema> layout_ = std::make_shared<const schema>();
    std::vector<std::vector<cell>> columns_;
    std::vector<value> owned_;
    std::vector<chunk> chunks_;
    std::size_t used_ = 0;
    std::size_t rows_ = 0;
};

} // namespace weft::inline v0
