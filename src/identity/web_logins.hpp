// Signing in a client at a terminal by a page, as all formats may offer it: the client is told two addresses,
// one for its user and one for itself; the user opens the first and signs in there; the client asks the
// second until it gets a key. docs/adr/0027-web-logins.md
//
// The page is src/web/web_login.cpp. What a client sends and expects is its format's: it calls the first two
// of these.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "http/server/request.hpp"
#include "identity/nouns/key.hpp"
#include "identity/nouns/web_login.hpp"
#include "identity/sign_in/sign_in.hpp"

namespace lodestone::identity {

struct WebLoginWish {
    TenantId tenant;
    std::string format;      // "npm"
    std::string repository;  // by its name; whether it is there is not looked at
};

struct BegunWebLogin {
    std::string page_url;  // for the user
    std::string secret;    // for the client alone: it goes into the address at which it asks
};

// Throws Problem(not_found) where the server does not know its own address.
Task<BegunWebLogin> begin_web_login(Context& context, const http::Request& request, WebLoginWish wish);

struct WebLoginVisit {
    TenantId tenant;
    std::string secret;
    std::string name_of_key;  // as its owner will find it
};

// By the client: nothing while nobody has confirmed. The key is made now, once. Throws Problem(not_found) for
// what is over or never was, and Problem(forbidden) for who may make no keys, or not from where the client
// is.
Task<std::optional<IssuedKey>> collect_web_login(Context& context, const http::Request& request,
                                                 WebLoginVisit visit);

// By which somebody may sign in on the page: what the tenant lets its people use. Of a tenant that is not
// there, or is suspended, the same is told as of one with passwords alone.
struct WaysIn {
    struct Provider {
        ProviderId id;
        std::string name;
        bool is_on_this_machine = false;  // no others do without TLS
    };
    bool takes_passwords = true;
    std::vector<Provider> providers{};  // the oldest first; a page of a listing, and no more
};
// Throws Problem(address_not_allowed) where the tenant lets nobody in from where the request comes from.
Task<WaysIn> list_ways_in(Context& context, const http::Request& request, const TenantId& tenant);

// What the page shows; nothing when it is over.
Task<std::optional<WebLogin>> find_web_login(Context& context, const http::Request& request,
                                             const TenantId& tenant);
// Whoever shows this has signed in there: the client may have its key. Answers their name. Throws
// Problem(conflict) when it is over meanwhile, or was confirmed.
Task<std::string> confirm_web_login(Context& context, const http::Request& request, const WebLogin& login,
                                    SignedIn signed_in);

}  // namespace lodestone::identity
