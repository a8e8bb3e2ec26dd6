#include <weft/nowhere/c.hpp>
