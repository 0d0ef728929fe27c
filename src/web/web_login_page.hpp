// The pages of a login that somebody has begun at a terminal (identity/web_logins.hpp), as HTML: forms, and
// what is said before and after. No scripts.
#pragma once

#include <string>
#include <string_view>

#include "identity/nouns/web_login.hpp"
#include "identity/web_logins.hpp"

namespace lodestone::web {

struct WebLoginForm {
    std::string address;  // the page's own path
    std::string_view tenant;
    const identity::WebLogin* login = nullptr;
    identity::WaysIn ways{};
    // Asked from another network than the one from which the page is opened: whoever signs in says that it
    // was they, as everybody does who leaves for a provider.
    bool is_from_elsewhere = false;
    bool is_said_to_be_mine = false;
    std::string challenge{};  // the password was right, or a provider's word, and this asks for a code
};

// What is asked for and by whom, and either name and password and a button for each provider, or the code.
std::string render_web_login_form(const WebLoginForm& form);

struct WebLoginNote {
    std::string_view title;
    std::string_view text;
    bool is_refusal = false;
    std::string_view again;  // where to try again; empty: nowhere
};
std::string render_web_login_note(const WebLoginNote& note);

}  // namespace lodestone::web
