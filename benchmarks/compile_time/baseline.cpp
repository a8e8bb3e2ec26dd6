// What every program pays anyway.

#include <string>
#include <vector>

int main() {
    const std::vector<std::string> words{"a"};
    return words.size() == 1 ? 0 : 1;
}
