// The program's door: everything behind it is in app/.
#include "app/commands/commands.hpp"

int main(int argc, char** argv) {
    return lodestone::app::run(argc, argv);
}
