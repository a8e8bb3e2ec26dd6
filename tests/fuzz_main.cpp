// SPDX-License-Identifier: BSL-1.0

// Runs a libFuzzer target without libFuzzer: every file of the corpus directories named on the command line, then
// mutations of them from a fixed seed, for at most two seconds.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using bytes = std::vector<std::uint8_t>;

// A copy of exactly the input's size, so that a sanitizer sees the first byte read beyond it.
void run(const bytes& input) {
    const bytes exact(input.begin(), input.end());
    static_cast<void>(LLVMFuzzerTestOneInput(exact.data(), exact.size()));
}

std::size_t below(std::mt19937& random, std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

void mutate(bytes& input, const std::vector<bytes>& corpus, std::mt19937& random) {
    const auto at = input.begin() + static_cast<std::ptrdiff_t>(below(random, input.size() + 1));
    const auto length = static_cast<std::ptrdiff_t>(below(random, static_cast<std::size_t>(input.end() - at) + 1));
    const auto byte = static_cast<std::uint8_t>(below(random, 256));
    const bytes& other = corpus[below(random, corpus.size())];
    switch (below(random, 5)) {
    case 0: input.insert(at, byte); break;
    case 1: input.erase(at, at + length); break;
    case 2: std::fill_n(at, std::min<std::ptrdiff_t>(length, 1), byte); break;
    case 3: std::for_each_n(at, std::min<std::ptrdiff_t>(length, 1), [&](auto& b) { b ^= 1U << (byte % 8U); }); break;
    default:
        input.insert(at, other.begin(), other.begin() + static_cast<std::ptrdiff_t>(below(random, other.size() + 1)));
    }
    if (input.size() > 4096) input.resize(4096);
}

} // namespace

int main(int argc, char** argv) {
    std::vector<std::filesystem::path> files;
    for (int i = 1; i < argc; ++i) {
        if (!std::filesystem::is_directory(argv[i])) continue;
        for (const auto& entry : std::filesystem::directory_iterator(argv[i])) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());

    std::vector<bytes> corpus{{}};
    for (const auto& path : files) {
        std::ifstream file(path, std::ios::binary);
        corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    for (const auto& input : corpus) run(input);

    std::mt19937 random(20240229);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    int runs = 0;
    for (; runs < 5000 && std::chrono::steady_clock::now() < end; ++runs) {
        bytes input = corpus[below(random, corpus.size())];
        for (std::size_t n = below(random, 4) + 1; n > 0; --n) mutate(input, corpus, random);
        run(input);
    }
    std::printf("%zu inputs of the corpus, %d mutations\n", corpus.size(), runs);
}
