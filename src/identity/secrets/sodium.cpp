// libsodium's own start: it looks at the processor and opens its generator.
#include "identity/secrets/sodium.hpp"

#include "base/ensure.hpp"

namespace lodestone::identity {

void start_sodium() {
    static const bool is_started = sodium_init() >= 0;
    ensure(is_started, "libsodium starts");
}

}  // namespace lodestone::identity
