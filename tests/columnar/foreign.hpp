// SPDX-License-Identifier: BSL-1.0
#pragma once

// Foreign Arrow structures made by hand from the specification, which count how often they are released.

#include <weft/columnar/arrow_abi.hpp>

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace foreign {

// Structures that are alive: every release takes one away, so that it is 0 only when each happened exactly once.
inline int alive = 0;

using bytes = std::vector<std::byte>;

template <class T>
bytes pack(std::initializer_list<T> values) {
    bytes out(values.size() * sizeof(T));
    std::size_t at = 0;
    for (const T& v : values) {
        std::memcpy(out.data() + at, &v, sizeof v);
        at += sizeof v;
    }
    return out;
}

inline bytes pack(const std::string& text) {
    bytes out(text.size());
    if (!text.empty()) std::memcpy(out.data(), text.data(), text.size());
    return out;
}

// The absent buffer.
inline bytes none() {
    return {};
}

struct column {
    std::string format;
    std::string name = "c";
    std::int64_t length = 0;
    std::vector<bytes> buffers = {};
    std::vector<column> children = {};
    std::int64_t null_count = -1;
    std::int64_t offset = 0;
    std::vector<column> dictionary = {};
    std::string metadata = {};
    std::int64_t flags = ARROW_FLAG_NULLABLE;
};

struct schema_storage {
    column source;
    std::vector<ArrowSchema*> children;
};

inline void fill(ArrowSchema& out, const column& c) {
    auto* storage = new schema_storage{c, {}};
    out = ArrowSchema{};
    for (const column& child : c.children) {
        storage->children.push_back(new ArrowSchema);
        fill(*storage->children.back(), child);
    }
    out.format = storage->source.format.c_str();
    out.name = storage->source.name.c_str();
    out.metadata = c.metadata.empty() ? nullptr : storage->source.metadata.data();
    out.flags = c.flags;
    out.n_children = static_cast<std::int64_t>(c.children.size());
    out.children = storage->children.data();
    if (!c.dictionary.empty()) {
        out.dictionary = new ArrowSchema;
        fill(*out.dictionary, c.dictionary[0]);
    }
    out.private_data = storage;
    ++alive;
    out.release = [](ArrowSchema* s) {
        auto* mine = static_cast<schema_storage*>(s->private_data);
        for (ArrowSchema* child : mine->children) {
            if (child->release != nullptr) child->release(child);
            delete child;
        }
        if (s->dictionary != nullptr) {
            if (s->dictionary->release != nullptr) s->dictionary->release(s->dictionary);
            delete s->dictionary;
        }
        delete mine;
        s->release = nullptr;
        --alive;
    };
}

struct array_storage {
    column source;
    std::vector<const void*> buffers;
    std::vector<ArrowArray*> children;
    ArrowArray* dictionary = nullptr;
};

inline void fill(ArrowArray& out, const column& c) {
    auto* storage = new array_storage{c, {}, {}, nullptr};
    out = ArrowArray{};
    for (const bytes& b : storage->source.buffers) storage->buffers.push_back(b.empty() ? nullptr : b.data());
    for (const column& child : c.children) {
        storage->children.push_back(new ArrowArray);
        fill(*storage->children.back(), child);
    }
    out.length = c.length;
    out.null_count = c.null_count;
    out.offset = c.offset;
    out.n_buffers = static_cast<std::int64_t>(c.buffers.size());
    out.buffers = storage->buffers.data();
    out.n_children = static_cast<std::int64_t>(c.children.size());
    out.children = storage->children.data();
    if (!c.dictionary.empty()) {
        out.dictionary = storage->dictionary = new ArrowArray;
        fill(*out.dictionary, c.dictionary[0]);
    }
    out.private_data = storage;
    ++alive;
    out.release = [](ArrowArray* a) {
        auto* mine = static_cast<array_storage*>(a->private_data);
        for (ArrowArray* child : mine->children) {
            if (child->release != nullptr) child->release(child);
            delete child;
        }
        if (mine->dictionary != nullptr) {
            if (mine->dictionary->release != nullptr) mine->dictionary->release(mine->dictionary);
            delete mine->dictionary;
        }
        delete mine;
        a->release = nullptr;
        --alive;
    };
}

inline weft::arrow_schema schema_of(const column& c) {
    weft::arrow_schema out;
    fill(*out.get(), c);
    return out;
}

inline weft::arrow_array array_of(const column& c) {
    weft::arrow_array out;
    fill(*out.get(), c);
    return out;
}

// A record batch of these columns.
inline column table(std::vector<column> columns, std::int64_t rows) {
    column c{.format = "+s", .name = "", .length = rows, .buffers = {none()}, .children = std::move(columns)};
    c.null_count = 0;
    return c;
}

} // namespace foreign
