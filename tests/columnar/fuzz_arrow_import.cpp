// SPDX-License-Identifier: BSL-1.0
// Arrow structures made of arbitrary bytes: any tree of formats, counts, flags and buffer contents is imported or
// refused with an error, never more. Buffers are honest in one way only, which the C interface cannot check: they are
// large enough for what the counts say. What is imported can be read, exported and imported again.
#include <weft/columnar/arrow_export.hpp>
#include <weft/columnar/arrow_import.hpp>
#include <weft/core/value.hpp>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

int alive = 0;

class input {
public:
    input(const std::uint8_t* data, std::size_t size) : p_(data), end_(data + size) {}
    std::uint8_t byte() { return p_ == end_ ? 0 : *p_++; }
    bool empty() const { return p_ == end_; }

private:
    const std::uint8_t* p_;
    const std::uint8_t* end_;
};

const char* const formats[] = {
    "n",     "b",   "c",   "C",     "s",          "S",          "i",        "I",         "l",     "L",
    "e",     "f",   "g",   "u",     "U",          "z",          "Z",        "vu",        "vz",    "w:3",
    "w:0",   "tdD", "tdm", "tts",   "ttm",        "ttu",        "ttn",      "tss:",      "tsm:",  "tsu:",
    "tsn:Z", "tDs", "tDm", "tDu",   "tDn",        "+l",         "+L",       "+w:2",      "+w:0",  "+s",
    "+m",    "+r",  "tiM", "d:5,2", "d:30,2,256", "d:76,1,256", "d:9,0,32", "d:18,3,64", "d:38,9"};

// One node of both trees. Lengths stay small, and buffers hold 64 values of 32 bytes: more than any length needs.
struct node {
    std::string format;
    std::string name;
    std::vector<std::unique_ptr<std::byte[]>> buffers;
    std::vector<const void*> pointers;
    std::vector<std::unique_ptr<node>> children;
    std::unique_ptr<node> dictionary;
    std::vector<ArrowSchema*> schemas;
    std::vector<ArrowArray*> arrays;
    ArrowSchema schema{};
    ArrowArray array{};
};

constexpr std::size_t buffer_size = 64 * 32;

std::string read_format(input& in) {
    const std::uint8_t choice = in.byte();
    if (choice < 200) return formats[choice % std::size(formats)];
    std::string text;
    for (int n = in.byte() % 12; n > 0; --n) text += static_cast<char>(in.byte());
    text.resize(std::strlen(text.c_str()));       // what the importer sees of it
    return text.starts_with("w:") ? "w:7" : text; // no wider than the buffers
}

std::unique_ptr<std::byte[]> read_buffer(input& in) {
    std::unique_ptr<std::byte[]> bytes(new std::byte[buffer_size]());
    const std::uint8_t kind = in.byte();
    if (kind < 8) return nullptr;
    if (kind < 128) { // rising 32 or 64-bit numbers, as offsets are
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < 64; ++i) {
            if (kind % 2 == 0) {
                std::memcpy(bytes.get() + 8 * i, &sum, 8);
            } else {
                const auto narrow = static_cast<std::int32_t>(sum);
                std::memcpy(bytes.get() + 4 * i, &narrow, 4);
            }
            sum += (kind >> (i % 4)) % 2;
        }
    }
    for (int n = in.byte() % 16; n > 0; --n) {
        const std::size_t at = (in.byte() * 256U + in.byte()) % buffer_size;
        bytes[at] = static_cast<std::byte>(in.byte());
    }
    return bytes;
}

std::int64_t read_count(input& in, std::int64_t usual) {
    const std::uint8_t choice = in.byte();
    if (choice < 240) return usual;
    if (choice < 250) return static_cast<std::int64_t>(choice) - 245;
    return choice % 2 == 0 ? INT64_MAX : INT64_MIN;
}

// Lengths and offsets: small, or too large to be believed.
std::int64_t read_rows(input& in, std::int64_t limit) {
    const std::uint8_t choice = in.byte();
    if (choice < 245) return choice % (limit + 1);
    return choice % 2 == 0 ? -1 : INT64_MAX - choice;
}

void describe(node& n, input& in, bool view) {
    n.schema.format = in.byte() == 255 ? nullptr : n.format.c_str();
    n.schema.name = in.byte() == 255 ? nullptr : n.name.c_str();
    n.schema.flags = in.byte();
    n.schema.n_children = read_count(in, static_cast<std::int64_t>(n.schemas.size()));
    if (n.schema.n_children > static_cast<std::int64_t>(n.schemas.size()) && n.schema.n_children < 1000)
        n.schema.n_children = 0;
    if (n.schema.n_children > 1000 && n.schema.n_children < 10'000'000) n.schema.n_children = 0;
    n.schema.children = n.schemas.data();
    n.schema.private_data = &n;
    n.schema.release = [](ArrowSchema* s) {
        --alive;
        s->release = nullptr;
    };
    n.array.length = read_rows(in, 12);
    n.array.offset = read_rows(in, 9);
    n.array.null_count = in.byte() < 128 ? -1 : read_rows(in, 3);
    n.array.n_buffers = view ? static_cast<std::int64_t>(n.pointers.size())
                             : read_count(in, static_cast<std::int64_t>(n.pointers.size()));
    n.array.buffers = n.pointers.data();
    n.array.n_children = read_count(in, static_cast<std::int64_t>(n.arrays.size()));
    n.array.children = n.arrays.data();
    n.array.private_data = &n;
    n.array.release = [](ArrowArray* a) {
        --alive;
        a->release = nullptr;
    };
    alive += 2;
}

std::unique_ptr<node> read_node(input& in, int depth) {
    auto n = std::make_unique<node>();
    n->format = depth == 0 ? "+s" : read_format(in);
    n->name = static_cast<char>(in.byte());
    const bool view = n->format[0] == 'v';
    const int children =
        depth < 6 && (n->format[0] == '+' || in.byte() > 250) ? (n->format == "+s" ? in.byte() % 4 : 1) : 0;
    for (int i = 0; i < children; ++i) {
        n->children.push_back(read_node(in, depth + 1));
        n->schemas.push_back(in.byte() == 255 ? nullptr : &n->children.back()->schema);
        n->arrays.push_back(in.byte() == 255 ? nullptr : &n->children.back()->array);
    }
    const bool encoded = depth > 0 && depth < 6 && in.byte() > 230;
    if (encoded) {
        n->dictionary = read_node(in, depth + 1);
        n->schema.dictionary = &n->dictionary->schema;
        n->array.dictionary = in.byte() == 255 ? nullptr : &n->dictionary->array;
    }
    const char kind = n->format.empty() ? ' ' : n->format[0];
    int buffers = kind == 'n' ? 0 : kind == 'u' || kind == 'U' || kind == 'z' || kind == 'Z' ? 3 : 2;
    if (kind == '+') buffers = n->format == "+l" || n->format == "+L" || n->format == "+m" ? 2 : 1;
    if (view) buffers = 2 + in.byte() % 3;
    for (int i = 0; i < buffers; ++i) {
        n->buffers.push_back(read_buffer(in));
        n->pointers.push_back(n->buffers.back().get());
    }
    if (view) { // the sizes of the data buffers are true
        n->buffers.push_back(std::unique_ptr<std::byte[]>(new std::byte[buffer_size]()));
        for (std::size_t i = 0; i < 8; ++i) {
            const std::int64_t size = buffer_size;
            std::memcpy(n->buffers.back().get() + 8 * i, &size, 8);
        }
        n->pointers.push_back(n->buffers.back().get());
    }
    describe(*n, in, view);
    return n;
}

// Offsets of characters point into memory whose size the interface does not tell: keep them inside.
void keep_inside(node& n) {
    for (auto& child : n.children) keep_inside(*child);
    if (n.dictionary) keep_inside(*n.dictionary);
    const char kind = n.format.empty() ? ' ' : n.format[0];
    if (n.format.size() != 1 || n.pointers.size() < 3 || !n.buffers[1]) return;
    const bool large = kind == 'U' || kind == 'Z';
    if (!large && kind != 'u' && kind != 'z') return;
    for (std::size_t i = 0; i < 64; ++i) {
        std::byte* at = n.buffers[1].get() + (large ? 8 : 4) * i;
        std::int64_t wide = 0;
        std::int32_t narrow = 0;
        std::memcpy(large ? static_cast<void*>(&wide) : &narrow, at, large ? 8 : 4);
        wide = (large ? wide : narrow) % static_cast<std::int64_t>(buffer_size);
        narrow = static_cast<std::int32_t>(wide);
        std::memcpy(at, large ? static_cast<const void*>(&wide) : &narrow, large ? 8 : 4);
    }
}

void count_hidden(const node& n) {
    alive -= (n.schema.release != nullptr ? 1 : 0) + (n.array.release != nullptr ? 1 : 0);
    for (const auto& child : n.children) count_hidden(*child);
    if (n.dictionary) count_hidden(*n.dictionary);
}

// Values that the C interface cannot promise to be in range, such as days, refuse when they are read.
void read_all(const weft::record_batch& batch) {
    for (std::size_t c = 0; c < batch.columns(); ++c) {
        for (std::size_t r = 0; r < batch.rows(); ++r) {
            try {
                static_cast<void>(weft::value(batch.at(c, r)).to_string());
            } catch (const weft::error&) {}
        }
    }
}

// What import has accepted survives the way out and back.
void check_again(const weft::record_batch& batch) noexcept {
    weft::arrow_batch out = weft::export_batch(batch);
    const weft::record_batch back = weft::import_batch(std::move(out.rows), out.layout);
    require(back.rows() == batch.rows() && back.columns() == batch.columns());
    for (std::size_t c = 0; c < batch.columns(); ++c) {
        // Elements of lists may have got their usual name, which the text does not show.
        require(to_string(back[c].type()) == to_string(batch[c].type()));
        require(back[c].null_count() == batch[c].null_count());
        require(batch.empty() || back[c].layout().validity.data == batch[c].layout().validity.data);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    input in(data, size);
    alive = 0;
    const std::unique_ptr<node> root = read_node(in, 0);
    keep_inside(*root);
    {
        weft::arrow_array rows(&root->array);
        try {
            const weft::record_batch batch = weft::import_batch(std::move(rows), root->schema);
            require(!rows);
            read_all(batch);
            check_again(batch);
        } catch (const weft::data_error&) {
        } catch (const weft::not_supported_error&) {}
    }
    // Only the root array was handed over; it was released once, and nothing else was.
    require(root->array.release == nullptr);
    count_hidden(*root);
    require(alive == 0);
    return 0;
}
