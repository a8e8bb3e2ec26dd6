// SPDX-License-Identifier: BSL-1.0
#include "../message_of.hpp"
#include "points.hpp"

#include <weft/vector/any_index.hpp>
#include <weft/vector/distance.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

using namespace weft::vector;

namespace {

/// An index of a user's own: what the concept asks for and nothing else.
class own_index {
public:
    explicit own_index(std::size_t dimension) : dimension_(dimension) {}
    std::size_t dimension() const { return dimension_; }
    std::size_t size() const { return vectors_.size(); }
    bool contains(std::uint64_t id) const { return vectors_.contains(id); }
    void insert(std::uint64_t id, std::span<const float> values) { vectors_[id].assign(values.begin(), values.end()); }
    bool erase(std::uint64_t id) { return vectors_.erase(id) != 0; }
    std::vector<neighbour> search(std::span<const float> query, std::size_t k) const {
        top_k best(k);
        for (const auto& [id, values] : vectors_) best.offer({id, distance<l2>(query, values)});
        return best.take();
    }

private:
    std::size_t dimension_;
    std::map<std::uint64_t, std::vector<float>> vectors_;
};

/// What may be said of every index.
template <vector_index Index>
void finds_itself(Index&& index) {
    const points data(100, index.dimension());
    for (std::size_t i = 0; i < data.size(); ++i) index.insert(i, data[i]);
    index.insert(3, data[4]); // replaced
    CHECK(index.size() == 100);
    for (std::size_t i = 5; i < data.size(); ++i) CHECK(index.search(data[i], 1).at(0).id == i);
    CHECK(index.search(data[4], 2).at(0).id == 3); // at the same distance as 4, and before it by its id
    CHECK(index.erase(3));
    CHECK_FALSE(index.erase(3));
    CHECK(index.search(data[4], 1).at(0).id == 4);
    CHECK(index.search(data[4], 1000).size() == 99);
    CHECK(index.search(data[4], 0).empty());
}

static_assert(vector_index<any_index> && !complete_index<own_index>);
static_assert(complete_index<flat<cosine, int8>> && complete_index<hnsw<l1>> && complete_index<ivf<linf>> &&
              complete_index<pq<l2, 4>> && complete_index<ivf_pq<inner_product>>);

} // namespace

TEST_CASE("code for one index runs with every other and with a user's own") {
    finds_itself(own_index(8));
    finds_itself(flat<l2>(8));
    finds_itself(flat<l2, int8>(8));
    finds_itself(hnsw<l2>(8));
    finds_itself(ivf<l2>(8));
    finds_itself(pq<l2>(8, 4));
    finds_itself(make_index(8, "HNSW16", "l2"));
    finds_itself(any_index(flat<l2, f16>(8)));
}

TEMPLATE_TEST_CASE("distances without an index are those of an index", "", l2, inner_product, cosine, l1, linf) {
    for (const std::size_t dimension : {1U, 7U, 300U}) {
        const points data(20, dimension);
        flat<TestType> index(dimension);
        index.insert_many(data.view());
        for (std::size_t i = 0; i < data.size(); ++i) {
            const float between = distance<TestType>(data[0], data[i]);
            CHECK(std::fabs(static_cast<double>(between) - true_distance(TestType::kind, data[0], data[i])) <
                  1e-5 * (1 + std::fabs(static_cast<double>(between))));
            CHECK(distance(TestType::kind, data[0], data[i]) == between);
            for (const neighbour& near : index.search(data[0], 20))
                if (near.id == i) CHECK(near.distance == between);
        }
    }
}

TEST_CASE("distances that cannot be") {
    const std::vector<float> two{1, 2};
    const std::vector<float> three{1, 2, 3};
    const std::vector<float> bad{1, std::numeric_limits<float>::infinity()};
    CHECK(message_of<weft::data_error>([&] { return distance<l2>(two, three); }) ==
          "Vector dimension mismatch: expected 2, got 3");
    CHECK(message_of<weft::data_error>([&] { return distance<l1>(two, bad); }) ==
          "the second vector: number 1 is infinite");
    CHECK(message_of<weft::not_supported_error>([&] { return distance(metric_kind::hamming, two, two); }) ==
          "vectors of numbers have no distance hamming");
    CHECK(distance<cosine>(std::vector<float>{0, 0}, two) == 1.0F);
    const std::vector<std::uint8_t> a{0xFF, 0x01};
    const std::vector<std::uint8_t> b{0x0F, 0x03};
    CHECK(hamming_distance(a, b) == 5.0F);
    CHECK_THROWS_AS(hamming_distance(a, {}), weft::data_error);
}
