// expect: parameter_range|bindable
// Each element of the range is the parameters of one execution.

#include "../cursor/counting_connection.hpp"

struct row {
    int* id;
};

void use(counting_connection& on) {
#ifdef WEFT_CORRECT
    on.execute_many("?", std::vector<int>{});
#else
    on.execute_many("?", std::vector<row>{});
#endif
}
