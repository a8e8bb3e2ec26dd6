#include <weft/upper.hpp>
