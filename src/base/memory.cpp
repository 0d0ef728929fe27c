// glibc returns by itself only what lies at the end of its heap, and one long-lived block there keeps all of
// it.
#include "base/memory.hpp"

#include <malloc.h>

namespace lodestone {

void give_memory_back() {
    ::malloc_trim(0);
}

}  // namespace lodestone
