// What is known of the issuers that are trusted here: their endpoints and keys, asked for over the guarded
// client and kept in memory. A token's unknown key makes us ask again, but never more than once a minute:
// tokens are made up by anybody. When an issuer does not answer, what it said before is good for a day.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "identity/federation/discovery.hpp"
#include "identity/federation/issuer_key.hpp"

namespace lodestone::http {
class Client;
}

namespace lodestone::identity {

struct KnownIssuer {
    IssuerEndpoints endpoints;
    std::vector<IssuerKey> keys;
    bool has_key(std::string_view id) const;
};

class IssuerDirectory {
  public:
    IssuerDirectory(http::Client& client, Context& context);
    // After the loops of those who asked have stopped, before these are destroyed; like the client's.
    ~IssuerDirectory();
    IssuerDirectory(const IssuerDirectory&) = delete;
    IssuerDirectory& operator=(const IssuerDirectory&) = delete;

    // `issuer` is one that an administrator configured, never what a token says. Asks for it when there is
    // need; many who want the same wait for one answer. `key_id`: what a token was signed with, or empty; it
    // may be missing from what comes back. Throws Problem(bad_upstream) when nothing is known.
    Task<std::shared_ptr<const KnownIssuer>> find(std::string issuer, std::string key_id = {});

  private:
    struct State;
    class Flight;
    Task<> refresh(std::string issuer);
    Task<std::shared_ptr<const KnownIssuer>> fetch(std::string issuer);
    Task<std::string> fetch_document(std::string url);

    http::Client& client_;
    Context& context_;
    std::shared_ptr<State> state_;
};

}  // namespace lodestone::identity
