// What a request shows to say who asks. Clients put it in different places; all of them are read here, all
// mean the same, and two that differ are refused: whoever checked the other one would have seen somebody
// else.
//
//   Authorization: Bearer TEXT             Authorization: Basic base64(any name ":" TEXT)
//   Authorization: TEXT                    X-API-Key, X-NuGet-ApiKey, X-Authorization: TEXT, or "Bearer TEXT"
//
// Never a cookie, and never the query: what browsers send by themselves, and what logs and proxies keep.
#pragma once

#include <cstdint>
#include <string>

#include "http/message/headers.hpp"

namespace lodestone::identity {

struct ShownCredential {
    enum class State : std::uint8_t {
        none,           // nothing was shown
        one,            // `text` is what was shown, once or several times
        unreadable,     // something that is none of the forms above
        contradictory,  // several that differ
    };
    State state = State::none;
    std::string text;
    bool is_bearer =
        false;  // shown as "Authorization: Bearer": the only way that the operator's token counts
};

ShownCredential parse_credentials(const http::ReceivedHeaders& headers);

}  // namespace lodestone::identity
