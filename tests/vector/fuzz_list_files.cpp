// SPDX-License-Identifier: BSL-1.0
// Files of trained indexes and flat ones whose sections have any content, under right checksums: they are refused with
// a data_error, or the index that is read can be searched and changed. The input is groups of four bytes: a section, a
// place (two bytes), and a byte to put there; the value 255 twice as section and place cuts the section's end off
// instead.
#include <weft/testing/temporary_directory.hpp>
#include <weft/vector/flat_file.hpp>
#include <weft/vector/trained_file.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace weft::vector;

namespace {

struct section {
    std::string name;
    std::vector<std::byte> bytes;
};

struct sample {
    weft::testing::temporary_directory directory;
    std::vector<section> trained;
    std::vector<section> plain;
    std::vector<float> query = std::vector<float>(8, 0.25F);

    std::string path() const { return (directory.path() / "index").string(); }

    sample() {
        std::vector<float> rows(64 * 8);
        for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<float>(i * 7919 % 101) / 101.0F;
        ivf_pq<l2, 4> index(8, 4, {.lists = 3, .probes = 3, .keep_vectors = true, .training = {.iterations = 2}});
        index.insert_many({rows.data(), 64, 8});
        index.train();
        save_index(index, path());
        trained = sections();
        flat<l2> exact(8);
        exact.insert_many({rows.data(), 20, 8});
        save_index(exact, path());
        plain = sections();
    }

    std::vector<section> sections() const {
        const index_file file(path());
        std::vector<section> found;
        for (const std::string& name : file.names()) {
            const auto bytes = file.section(name);
            found.push_back({name, {bytes.begin(), bytes.end()}});
        }
        return found;
    }
};

void write(const std::string& path, std::vector<section> sections, const std::uint8_t* data, std::size_t size) {
    for (std::size_t i = 0; i + 4 <= size; i += 4) {
        std::vector<std::byte>& bytes = sections[data[i] % sections.size()].bytes;
        const std::size_t place = data[i + 1] + data[i + 2] * std::size_t{256};
        if (bytes.empty()) continue;
        if (data[i + 1] == 255 && data[i + 2] == 255)
            bytes.resize(data[i + 3] % bytes.size());
        else
            bytes[place % bytes.size()] = static_cast<std::byte>(data[i + 3]);
    }
    index_file_writer out(path);
    for (const section& each : sections) out.add(each.name, each.bytes);
    out.commit();
}

template <class Index>
void use(const sample& s) {
    try {
        Index index = open_index<Index>(s.path());
        static_cast<void>(index.search(s.query, 5));
        static_cast<void>(index.range_search(s.query, 0.5F));
        if (index.contains(3)) static_cast<void>(index.at(3));
        index.erase(7);
        index.insert(9, s.query);
        index.insert(1000, s.query);
        static_cast<void>(index.search(s.query, 100));
    } catch (const weft::data_error&) {}
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const sample s;
    if (size == 0) return 0;
    const bool exact = (data[0] & 1) != 0;
    write(s.path(), exact ? s.plain : s.trained, data + 1, size - 1);
    if (exact)
        use<flat<l2>>(s);
    else
        use<ivf_pq<l2, 4>>(s);
    return 0;
}
