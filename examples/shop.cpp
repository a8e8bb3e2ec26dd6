// SPDX-License-Identifier: BSL-1.0
//
// A shop: products and orders in SQL, carts and stock as keys. An order takes its goods from stock, empties the cart
// and writes its row in one transaction, or does nothing of it.

#include <weft/embedded.hpp>
#include <weft/testing/temporary_directory.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <tuple>

using namespace weft::embedded;

namespace {

void fill(kv_database& db) {
    db.execute(
        "CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT, category TEXT, price REAL CHECK (price > 0))");
    db.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, product_id INTEGER, total REAL, "
               "FOREIGN KEY (product_id) REFERENCES products(id))");
    db.execute(
        "INSERT INTO products VALUES (1, 'Laptop', 'Electronics', 999.99), (2, 'Phone', 'Electronics', 1124.99), "
        "(3, 'Desk', 'Furniture', 300.00)");
    db.put_many({{"stock/1", "5"}, {"stock/2", "1"}, {"stock/3", "2"}});
}

/// Orders one piece of what is in the cart.
void place_order(kv_database& db, const std::string& customer) {
    db.with_transaction([&](kv_transaction& t) {
        const auto product = t.get_path({"carts", customer});
        if (!product) throw std::runtime_error("the cart of " + customer + " is empty");
        const int left = std::stoi(*t.get_path({"stock", *product})) - 1;
        t.put_path({"stock", *product}, std::to_string(left));
        t.erase_path({"carts", customer});
        t.execute("INSERT INTO orders (customer, product_id, total) SELECT ?, id, price FROM products WHERE id = ?",
                  customer, std::stoi(*product));
        if (left < 0) throw std::runtime_error("product " + *product + " is sold out");
    });
}

} // namespace

int main() {
    const weft::testing::temporary_directory directory;
    auto db = kv_database::open(directory / "shop.db", {.sync_mode = sync_mode::off});
    fill(db);
    db.put_path("carts/alice", "1");
    db.put_path("carts/bob", "2");
    db.put_path("carts/carol", "2");
    for (const char* customer : {"alice", "bob", "carol", "dave"}) {
        try {
            place_order(db, customer);
            std::printf("%s has ordered\n", customer);
        } catch (const std::runtime_error& e) {
            std::printf("%s\n", e.what());
        }
    }
    std::printf("carts: %zu, phones left: %s\n", db.scan_prefix("carts/").collect().size(), db.get("stock/2")->c_str());

    using revenue = weft::tuples<std::string, int, double>;
    for (const auto& [category, count, total] : db.query<revenue>(
             "SELECT products.category, COUNT(orders.id) AS n, SUM(orders.total) AS revenue FROM products "
             "JOIN orders ON products.id = orders.product_id GROUP BY products.category "
             "ORDER BY revenue DESC")) {
        std::printf("%s: %d orders, %.2f\n", category.c_str(), count, total);
    }
}
