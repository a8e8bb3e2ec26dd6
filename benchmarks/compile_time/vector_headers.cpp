// Everything of the room, without a use of it.

#include <weft/vector.hpp>

int main() {}
