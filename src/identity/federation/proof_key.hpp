// What ties a sign-in at a provider to the browser and the server that began it: state, nonce, and the proof
// key for the code (PKCE, RFC 7636, S256 and nothing else).
#pragma once

#include <string>
#include <string_view>

namespace lodestone {
class Random;
}

namespace lodestone::identity {

// 256 bits of chance in base64url: a state, a nonce, a code verifier, a browser's mark.
std::string make_unguessable(Random& random);

// What goes to the provider with the question, in place of the verifier that comes with the code.
std::string render_challenge(std::string_view verifier);

}  // namespace lodestone::identity
