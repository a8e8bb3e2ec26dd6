// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/mysql/column_type.hpp>
#include <weft/mysql/protocol/column_definition.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace weft::inline v0::mysql::detail {

/// The layout of an earlier result with the definitions it was made from, as they came.
struct remembered_layout {
    blob definitions; ///< each after its size, four bytes
    row_encoding encoding = row_encoding::text;
    std::shared_ptr<const result_layout> layout; ///< null: nothing is remembered
};

/// Makes a layout from the definitions of a result. Most statements are executed again and again: definitions that are,
/// byte for byte, those of the last time give its layout, without being decoded.
class definition_reader {
public:
    /// `count` definitions are to come. `memory` is looked at until finish(), which renews it.
    void begin(std::size_t count, row_encoding encoding, remembered_layout& memory) {
        memory_ = &memory;
        encoding_ = encoding;
        count_ = count;
        read_ = at_ = 0;
        fields_.clear();
        encodings_.clear();
        known_ = memory.layout && memory.encoding == encoding && memory.layout->columns.size() == count;
        if (!known_) forget();
    }

    /// Whether none is missing.
    bool is_complete() const noexcept { return read_ == count_; }

    /// Takes the next definition. \throws operational_error 2027 when it is malformed.
    void take(blob_view payload, protocol::capability_set capabilities) {
        if (known_ && !is_next(payload)) decode_known(capabilities);
        if (!known_) {
            decode(payload, capabilities);
            remember(payload);
        }
        ++read_;
    }

    /// The layout, once it is complete.
    std::shared_ptr<const result_layout> finish(value_policy policy) {
        if (known_) return memory_->layout;
        auto layout = std::make_shared<result_layout>();
        layout->columns = schema(std::exchange(fields_, {}));
        layout->encodings = std::exchange(encodings_, {});
        layout->policy = policy;
        if (!memory_->definitions.empty()) {
            memory_->encoding = encoding_;
            memory_->layout = layout;
        }
        return layout;
    }

private:
    using size_field = std::uint32_t;
    static constexpr std::size_t most = std::size_t{1} << 16; // definitions that are remembered, in bytes

    void forget() noexcept {
        memory_->layout.reset();
        memory_->definitions.clear();
    }

    blob_view known_definition(std::size_t at) const noexcept {
        size_field size = 0;
        std::memcpy(&size, memory_->definitions.data() + at, sizeof size);
        return blob_view(memory_->definitions).subspan(at + sizeof size, size);
    }

    bool is_next(blob_view payload) noexcept {
        const blob_view next = known_definition(at_);
        if (next.size() != payload.size() || std::memcmp(next.data(), payload.data(), next.size()) != 0) return false;
        at_ += sizeof(size_field) + next.size();
        return true;
    }

    /// The definitions so far were the known ones, the next is not.
    void decode_known(protocol::capability_set capabilities) {
        known_ = false;
        memory_->layout.reset();
        for (std::size_t at = 0; at < at_;) {
            const blob_view definition = known_definition(at);
            decode(definition, capabilities);
            at += sizeof(size_field) + definition.size();
        }
        memory_->definitions.resize(at_);
    }

    void decode(blob_view payload, protocol::capability_set capabilities) {
        column_encoding encoding;
        fields_.push_back(to_field(protocol::decode_column_definition(payload, capabilities), encoding_, encoding));
        encodings_.push_back(encoding);
    }

    void remember(blob_view payload) {
        blob& all = memory_->definitions;
        if (all.empty() && read_ != 0) return; // they were too many
        if (payload.size() > most - all.size()) {
            all.clear();
            return;
        }
        const auto size = static_cast<size_field>(payload.size());
        const auto* const bytes = reinterpret_cast<const std::byte*>(&size);
        all.insert(all.end(), bytes, bytes + sizeof size);
        all.insert(all.end(), payload.begin(), payload.end());
    }

    remembered_layout* memory_ = nullptr;
    row_encoding encoding_ = row_encoding::text;
    std::size_t count_ = 0;
    std::size_t read_ = 0;
    bool known_ = false;
    std::size_t at_ = 0; // bytes of the known definitions that came again
    std::vector<field> fields_;
    std::vector<column_encoding> encodings_;
};

} // namespace weft::inline v0::mysql::detail
