// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Record batches as an Arrow C stream, and foreign streams as record batches: `arrow_stream` owns an ArrowArrayStream,
/// whoever made it, and can be handed to Arrow C++, DuckDB, pyarrow, … or walked here:
///
///     for (weft::record_batch& batch : stream) …

#include <weft/columnar/arrow_export.hpp>
#include <weft/columnar/arrow_import.hpp>
#include <weft/columnar/cast.hpp>

#include <cerrno>
#include <concepts>
#include <iterator>
#include <new>
#include <optional>

namespace weft::inline v0 {

/// Owner of an ArrowArrayStream. Not for several threads at once.
class arrow_stream : public detail::arrow_owner<ArrowArrayStream> {
public:
    using arrow_owner::arrow_owner;

    /// How next() converts; set it before the first use.
    arrow_import_options options;

    /// The columns. Throws as next() does.
    const weft::schema& schema() {
        if (!importer_) {
            check_open();
            arrow_schema layout;
            check(get()->get_schema(get(), layout.out()));
            importer_.emplace(*layout, options);
        }
        return importer_->layout();
    }

    /// The next batch, sharing the producer's memory where arrow_import.hpp says so; nothing at the end. Throws
    /// data_error for what cannot be imported and for the producer's EINVAL, std::bad_alloc for its ENOMEM,
    /// not_supported_error for its ENOTSUP and ENOSYS, else operational_error with its code and message.
    std::optional<record_batch> next() {
        schema();
        check_open();
        arrow_array rows;
        check(get()->get_next(get(), rows.out()));
        if (!rows) return std::nullopt;
        return importer_->read(std::move(rows));
    }

    /// Input iteration over the remaining batches.
    class iterator {
    public:
        using value_type = record_batch;
        using difference_type = std::ptrdiff_t;

        iterator() = default;
        explicit iterator(arrow_stream& owner) : owner_(&owner), batch_(owner.next()) {}
        record_batch& operator*() const noexcept { return *batch_; }
        record_batch* operator->() const noexcept { return &*batch_; }
        iterator& operator++() {
            batch_ = owner_->next();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const noexcept { return !batch_; }

    private:
        arrow_stream* owner_ = nullptr;
        mutable std::optional<record_batch> batch_;
    };

    iterator begin() { return iterator(*this); }
    std::default_sentinel_t end() const noexcept { return {}; }

private:
    void check_open() const {
        if (!*this) throw programming_error("the Arrow stream is empty: it was handed over or never filled");
    }

    void check(int code) {
        if (code == 0) return;
        if (code == ENOMEM) throw std::bad_alloc();
        const char* text = get()->get_last_error(get());
        diagnostics info;
        info.message = "the Arrow stream failed: ";
        info.message += text == nullptr ? "its producer does not say why" : text;
        info.code = code;
        throw_error(code == EINVAL                      ? errc::data_error
                    : code == ENOTSUP || code == ENOSYS ? errc::not_supported_error
                                                        : errc::operational_error,
                    std::move(info));
    }

    std::optional<arrow_importer> importer_;
};

/// What record batches can be pulled from: a callable that gives nothing at the end.
template <class S>
concept batch_source = std::move_constructible<S> && requires(S& source) {
    { source() } -> std::convertible_to<std::optional<record_batch>>;
};

namespace detail {

/// Width of the offsets of a column and its children, in order: `L` for 64 bits, `s` for less or none. A stream has one
/// schema for all of its batches.
inline void note_offsets(const array& column, std::string& large, std::size_t& at) {
    if (at == large.size()) large += 's';
    if (column.layout().large) large[at] = 'L';
    ++at;
    for (const array& child : column.layout().children) note_offsets(child, large, at);
}

inline std::string note_offsets(const record_batch& batch, std::string large = {}) {
    std::size_t at = 0;
    for (std::size_t c = 0; c < batch.columns(); ++c) note_offsets(batch[c], large, at);
    return large;
}

/// The column with the offsets noted. Throws not_supported_error when it would need larger ones.
inline array with_offsets(const array& column, const std::string& large, std::size_t& at, std::string_view name) {
    array::parts p = column.layout();
    const bool wanted = large[at++] == 'L';
    if (p.large && !wanted) {
        throw not_supported_error(
            "column '" + std::string(name) +
            "' needs 64-bit offsets, which the stream's schema does not have; use smaller batches");
    }
    if (wanted && !p.large) {
        growable_buffer wide;
        const auto last = static_cast<std::size_t>(p.offset + p.length);
        wide.reserve((last + 1) * sizeof(std::int64_t));
        for (std::size_t i = 0; i <= last; ++i) wide.push(std::int64_t{p.values.as<std::int32_t>()[i]});
        p.values = wide.finish();
        p.large = true;
    }
    for (array& child : p.children) child = with_offsets(child, large, at, name);
    return array(std::move(p));
}

inline record_batch with_offsets(const record_batch& batch, const std::string& large) {
    std::vector<array> columns;
    columns.reserve(batch.columns());
    std::size_t at = 0;
    for (std::size_t c = 0; c < batch.columns(); ++c) {
        columns.push_back(with_offsets(batch[c], large, at, batch.layout()[c].name));
    }
    return {batch.shared_layout(), std::move(columns), batch.rows()};
}

/// The producer's side of an exported stream. The first batch, pulled when the consumer asks for anything, decides the
/// schema; later batches are cast to it.
class exported_stream {
public:
    virtual ~exported_stream() = default;

    void get_schema(ArrowSchema* out) {
        start();
        struct_schema(*layout_, &shape_).move_to(out);
    }

    /// False at the end.
    bool get_next(ArrowArray* out) {
        start();
        std::optional<record_batch> batch = std::exchange(first_, std::nullopt);
        if (!batch && !ended_) batch = pull();
        ended_ = !batch;
        if (ended_) return false;
        export_rows(with_offsets(cast(*batch, layout_), large_)).move_to(out);
        return true;
    }

    /// The code of the exception that is being handled; keeps its text.
    int fail() noexcept {
        try {
            throw;
        } catch (const error& e) {
            keep(e.what());
            switch (e.kind()) {
            case errc::data_error:
            case errc::programming_error:
            case errc::interface_error: return EINVAL;
            case errc::not_supported_error: return ENOTSUP;
            default: return EIO;
            }
        } catch (const std::bad_alloc&) {
            keep("out of memory");
            return ENOMEM;
        } catch (const std::exception& e) {
            keep(e.what());
        } catch (...) {
            keep("unknown exception");
        }
        return EIO;
    }

    const char* last_error() const noexcept { return text_.empty() ? nullptr : text_.c_str(); }

protected:
    virtual std::optional<record_batch> pull() = 0;

    /// Offsets of batches that are known beforehand.
    std::string large_;

private:
    void start() {
        if (layout_) return;
        first_ = pull();
        ended_ = !first_;
        const record_batch none;
        const record_batch& shape = first_ ? *first_ : none;
        large_ = note_offsets(shape, std::move(large_));
        shape_ = with_offsets(shape.slice(0, 0), large_);
        layout_ = shape.shared_layout();
    }

    void keep(const char* text) noexcept {
        try {
            text_ = text;
        } catch (...) {
            text_.clear();
        }
    }

    std::shared_ptr<const schema> layout_;
    std::optional<record_batch> first_;
    bool ended_ = false;
    record_batch shape_; // no rows, but offsets
    std::string text_;
};

template <batch_source Source>
class pulled_stream final : public exported_stream {
public:
    explicit pulled_stream(Source source) : source_(std::move(source)) {}

protected:
    std::optional<record_batch> pull() override { return source_(); }

private:
    Source source_;
};

class batch_stream final : public exported_stream {
public:
    explicit batch_stream(std::vector<record_batch> batches) : batches_(std::move(batches)) {
        if (batches_.empty()) return;
        const auto layout = batches_[0].shared_layout();
        for (record_batch& batch : batches_) {
            batch = cast(batch, layout);
            large_ = note_offsets(batch, std::move(large_));
        }
    }

protected:
    std::optional<record_batch> pull() override {
        if (next_ == batches_.size()) return std::nullopt;
        return std::exchange(batches_[next_++], record_batch());
    }

private:
    std::vector<record_batch> batches_;
    std::size_t next_ = 0;
};

inline exported_stream& producer_of(ArrowArrayStream* s) noexcept {
    return *static_cast<exported_stream*>(s->private_data);
}

inline arrow_stream make_stream(std::unique_ptr<exported_stream> producer) {
    arrow_stream out;
    out->get_schema = [](ArrowArrayStream* s, ArrowSchema* layout) noexcept -> int {
        try {
            producer_of(s).get_schema(layout);
            return 0;
        } catch (...) {
            return producer_of(s).fail();
        }
    };
    out->get_next = [](ArrowArrayStream* s, ArrowArray* rows) noexcept -> int {
        try {
            if (!producer_of(s).get_next(rows)) *rows = ArrowArray{}; // released: the end of the stream
            return 0;
        } catch (...) {
            return producer_of(s).fail();
        }
    };
    out->get_last_error = [](ArrowArrayStream* s) noexcept -> const char* { return producer_of(s).last_error(); };
    out->release = [](ArrowArrayStream* s) noexcept {
        delete &producer_of(s);
        s->release = nullptr;
    };
    out->private_data = producer.release();
    return out;
}

} // namespace detail

/// The batches as a stream, without copying them. The first one's schema is the stream's; columns of later batches that
/// have another type are cast to it, which throws what cast() throws. No batches at all are a stream without columns.
inline arrow_stream export_stream(std::vector<record_batch> batches) {
    return detail::make_stream(std::make_unique<detail::batch_stream>(std::move(batches)));
}

/// A stream that calls `source` for the next batch whenever its consumer asks for one. The first batch, which may have
/// no rows, decides the schema, as above. What `source` throws becomes the stream's error: EINVAL for data, programming
/// and interface errors, ENOTSUP, ENOMEM, else EIO; its text is get_last_error().
template <batch_source Source>
arrow_stream export_stream(Source source) {
    return detail::make_stream(std::make_unique<detail::pulled_stream<Source>>(std::move(source)));
}

/// All batches that are left in the stream.
inline std::vector<record_batch> import_stream(arrow_stream&& stream, arrow_import_options options = {}) {
    arrow_stream taken = std::move(stream);
    taken.options = options;
    std::vector<record_batch> batches;
    while (std::optional<record_batch> batch = taken.next()) batches.push_back(std::move(*batch));
    return batches;
}

} // namespace weft::inline v0
