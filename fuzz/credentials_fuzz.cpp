// Fuzzes what a request shows to say who asks: nothing is read that is no single visible word, and showing
// the same thing in another place changes nothing.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "identity/gate/credentials.hpp"

using lodestone::ensure;
using namespace lodestone;

// Each line is a field: the first character chooses the name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::string_view names[] = {"Authorization", "X-API-Key", "X-NuGet-ApiKey",
                                                 "X-Authorization", "Cookie"};
    http::ReceivedHeaders headers;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(line.size() == text.size() ? line.size() : line.size() + 1);
        if (line.empty()) continue;
        if (!headers.append({names[static_cast<unsigned char>(line.front()) % 5], line.substr(1)})) break;
    }
    const identity::ShownCredential shown = identity::parse_credentials(headers);
    if (shown.state != identity::ShownCredential::State::one) return 0;
    ensure(!shown.text.empty() && shown.text.size() <= limits::credential_bytes, "credentials are bounded");
    for (const char c : shown.text) ensure(c > 0x20 && c < 0x7f, "credentials can be seen");
    if (headers.append({"X-API-Key", shown.text})) {
        const identity::ShownCredential again = identity::parse_credentials(headers);
        ensure(again.text == shown.text, "the same twice is the same");
    }
    return 0;
}
