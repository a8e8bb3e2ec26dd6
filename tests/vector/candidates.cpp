// SPDX-License-Identifier: BSL-1.0

#include <weft/vector/detail/candidates.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <random>
#include <vector>

using weft::vector::detail::candidate_pool;

TEST_CASE("A pool takes several candidates as it takes them one by one", "[candidates]") {
    std::mt19937 random(1);
    std::size_t different = 0;
    for (int round = 0; round < 2000; ++round) {
        const std::size_t capacity = 1 + random() % 50;
        candidate_pool one;
        candidate_pool several;
        one.reset(capacity);
        several.reset(capacity);
        for (int step = 0; step < 12; ++step) {
            std::vector<float> distances(random() % (step == 5 ? 100 : 12));
            std::vector<std::uint32_t> slots(distances.size());
            for (std::size_t i = 0; i < distances.size(); ++i) {
                distances[i] = static_cast<float>(random() % 40); // many are equal
                slots[i] = static_cast<std::uint32_t>(random() % 1000);
                one.insert(distances[i], slots[i]);
            }
            several.insert(distances.data(), slots.data(), distances.size());
            std::uint32_t a = 0;
            std::uint32_t b = 0;
            different += one.next(a) == several.next(b) && a == b ? 0 : 1;
            different += one.size() == several.size() ? 0 : 1;
            for (std::size_t i = 0; i < one.size() && i < several.size(); ++i)
                different += one[i].distance == several[i].distance && one[i].tagged == several[i].tagged ? 0 : 1;
        }
    }
    CHECK(different == 0);
}
