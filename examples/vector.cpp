// SPDX-License-Identifier: BSL-1.0

// Search by meaning, as far as words carry it, among the descriptions of this machine's packages:
//
//     examples/run vector                             a few questions
//     examples/run vector "edit pictures"             your own
//     examples/run vector "edit pictures" FILE        in another file of the same form, such as one of
//     /var/lib/apt/lists
//
// A description becomes a vector of 512 numbers: each word, each pair of neighbouring words and each run of four
// letters adds its weight (rarer is heavier: TF-IDF) at a place that its hash says, with a sign that its hash says. No
// model is needed. Two indexes are asked: an exact one, and an HNSW index over 8-bit codes, with the share of the exact
// answers that it finds.

#include <weft/vector/flat.hpp>
#include <weft/vector/hnsw.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace {

constexpr std::size_t dimension = 512;

struct package {
    std::string name;
    std::string synopsis;    // the first line of the description
    std::string description; // all of it
};

std::vector<package> read_packages(const std::string& path) {
    std::vector<package> found;
    std::ifstream in(path);
    bool in_description = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("Package: ")) found.push_back({line.substr(9), {}, {}});
        if (line.starts_with("Description: ") && !found.empty()) {
            found.back().synopsis = found.back().description = line.substr(13);
            in_description = true;
        } else if (in_description && line.starts_with(' ')) {
            found.back().description += line;
        } else {
            in_description = false;
        }
    }
    return found;
}

std::uint64_t hash(std::string_view text, std::uint64_t seed) {
    std::uint64_t h = seed;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    return (h ^ h >> 31) * 0x9E3779B97F4A7C15U;
}

/// The features of a text, as hashes: words, pairs of words, and runs of four letters.
std::vector<std::uint64_t> features(std::string_view text) {
    std::vector<std::uint64_t> found;
    std::string word;
    std::string previous;
    const auto finish = [&] {
        if (word.size() > 1) {
            found.push_back(hash(word, 1));
            if (!previous.empty()) found.push_back(hash(previous + ' ' + word, 2));
            for (std::size_t i = 0; i + 4 <= word.size(); ++i)
                found.push_back(hash(std::string_view(word).substr(i, 4), 3));
            previous = word;
        }
        word.clear();
    };
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+';
        if (letter)
            word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        else
            finish();
    }
    finish();
    return found;
}

/// How many texts have a feature, and from that, vectors.
class embedder {
public:
    explicit embedder(const std::vector<package>& packages) : texts_(packages.size()) {
        for (const package& p : packages) {
            const auto all = features(p.name + ' ' + p.description);
            for (const std::uint64_t feature : std::unordered_set<std::uint64_t>(all.begin(), all.end()))
                ++texts_with_[feature];
        }
    }

    std::vector<float> operator()(std::string_view text) const {
        std::unordered_map<std::uint64_t, int> counts;
        for (const std::uint64_t feature : features(text)) ++counts[feature];
        std::vector<float> made(dimension, 0.0F);
        for (const auto& [feature, count] : counts) {
            const auto it = texts_with_.find(feature);
            if (it == texts_with_.end()) continue; // no text has it
            const double weight = (1 + std::log(count)) * std::log(static_cast<double>(texts_) / it->second + 1);
            made[feature % dimension] += static_cast<float>((feature >> 40 & 1) != 0 ? weight : -weight);
        }
        return made;
    }

private:
    std::size_t texts_;
    std::unordered_map<std::uint64_t, int> texts_with_;
};

double microseconds(std::chrono::steady_clock::time_point since) {
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - since).count();
}

} // namespace

int main(int argc, char** argv) {
    const std::string path = argc > 2 ? argv[2] : "/var/lib/dpkg/status";
    const std::vector<package> packages = read_packages(path);
    if (packages.empty()) {
        std::printf("%s lists no packages; name another file as the second argument\n", path.c_str());
        return argc > 2 ? 1 : 0;
    }
    const embedder embed(packages);
    weft::vector::flat<weft::vector::cosine> exact(dimension);
    weft::vector::hnsw<weft::vector::cosine, weft::vector::int8> fast(dimension);
    for (std::size_t i = 0; i < packages.size(); ++i) {
        const auto vector = embed(packages[i].name + ' ' + packages[i].description);
        exact.insert(i, vector);
        fast.insert(i, vector);
    }
    std::printf("%zu packages\n", packages.size());

    std::vector<std::string> questions{"compress files", "secure connections over the network",
                                       "search text for a pattern", "C++ compiler", "manage users and passwords"};
    if (argc > 1) questions = {argv[1]};
    for (const std::string& question : questions) {
        const auto query = embed(question);
        const auto answers = exact.search(query, 5);
        const auto quick = fast.search(query, 5);
        std::printf("\n%s\n", question.c_str());
        for (const auto& [id, distance] : answers) {
            bool both = false;
            for (const auto& other : quick) both = both || other.id == id;
            const package& p = packages[id];
            std::printf("  %.3f %c %-28s %.70s\n", static_cast<double>(1 - distance), both ? '=' : ' ', p.name.c_str(),
                        p.synopsis.c_str());
        }
    }

    std::size_t found = 0;
    std::size_t possible = 0;
    double exact_time = 0;
    double fast_time = 0;
    for (std::size_t i = 0; i < packages.size(); i += packages.size() / 200 + 1) { // what is like this package?
        const auto query = embed(packages[i].description);
        auto start = std::chrono::steady_clock::now();
        const auto answers = exact.search(query, 10);
        exact_time += microseconds(start);
        start = std::chrono::steady_clock::now();
        const auto quick = fast.search(query, 10);
        fast_time += microseconds(start);
        for (const auto& a : answers)
            for (const auto& b : quick) found += a.id == b.id ? 1 : 0;
        possible += answers.size();
    }
    const double queries = static_cast<double>((packages.size() - 1) / (packages.size() / 200 + 1) + 1);
    std::printf("\nHNSW finds %.1f %% of the exact answers: %.1f us a query, exact search %.1f us\n",
                100.0 * static_cast<double>(found) / static_cast<double>(possible), fast_time / queries,
                exact_time / queries);
}
