// Memory that was freed, and that the allocator keeps for later.
#pragma once

namespace lodestone {

// Gives it back to the kernel. Takes some milliseconds when there is much of it: not for a loop.
void give_memory_back();

}  // namespace lodestone
