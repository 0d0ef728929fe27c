// The pages as text: nothing that came from elsewhere is markup in them.
#include "web/web_login_page.hpp"

#include <gmock/gmock.h>

namespace lodestone::web {
namespace {

using testing::HasSubstr;
using testing::Not;

identity::WebLogin make_login() {
    identity::WebLogin login;
    login.format = "npm";
    login.repository = "<b>packages</b>";
    login.address = "192.0.2.7";
    return login;
}

TEST(WebLoginPage, SaysWhoAsksAndForWhat) {
    const identity::WebLogin login = make_login();
    const std::string page =
        render_web_login_form({.address = "/web-login/acme/x\"", .tenant = "acme", .login = &login});
    EXPECT_THAT(page, HasSubstr("192.0.2.7"));
    EXPECT_THAT(page, HasSubstr("acme/&lt;b&gt;packages&lt;/b&gt;"));
    EXPECT_THAT(page, HasSubstr("action=\"/web-login/acme/x&#34;\""));
    EXPECT_THAT(page, HasSubstr("type=\"password\""));
    EXPECT_THAT(page, Not(HasSubstr("is_mine")));
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, HasSubstr("href=\"/assets/style-"));
}

TEST(WebLoginPage, WhoComesFromElsewhereSaysThatItIsTheirs) {
    const identity::WebLogin login = make_login();
    EXPECT_THAT(render_web_login_form(
                    {.address = "/x", .tenant = "acme", .login = &login, .is_from_elsewhere = true}),
                HasSubstr("name=\"is_mine\" value=\"yes\" required"));
}

TEST(WebLoginPage, AsksForTheCodeAlone) {
    const identity::WebLogin login = make_login();
    const std::string page = render_web_login_form({.address = "/x",
                                                    .tenant = "acme",
                                                    .login = &login,
                                                    .is_from_elsewhere = true,
                                                    .is_said_to_be_mine = true,
                                                    .challenge = "a\"b"});
    EXPECT_THAT(page, HasSubstr("name=\"challenge\" value=\"a&#34;b\""));
    EXPECT_THAT(page, HasSubstr("type=\"hidden\" name=\"is_mine\""));
    EXPECT_THAT(page, HasSubstr("name=\"code\""));
    EXPECT_THAT(page, Not(HasSubstr("type=\"password\"")));
}

TEST(WebLoginPage, HasAButtonForEachProvider) {
    const identity::WebLogin login = make_login();
    WebLoginForm form{.address = "/x", .tenant = "acme", .login = &login, .is_from_elsewhere = true};
    form.ways.providers = {{.id = identity::ProviderId::trusted("corporate"), .name = "A <b> & \"C\""},
                           {.id = identity::ProviderId::trusted("second"), .name = "Second"}};
    const std::string both = render_web_login_form(form);
    EXPECT_THAT(both, HasSubstr("name=\"provider\" value=\"corporate\">"
                                "Sign in with A &lt;b&gt; &amp; &#34;C&#34;</button>"));
    EXPECT_THAT(both, HasSubstr("value=\"second\">Sign in with Second</button>"));
    EXPECT_THAT(both, HasSubstr("type=\"password\""));
    form.ways.takes_passwords = false;
    const std::string one = render_web_login_form(form);
    EXPECT_THAT(one, Not(HasSubstr("type=\"password\"")));
    EXPECT_THAT(one, HasSubstr("name=\"is_mine\" value=\"yes\" required")) << "as before a password";
    form.is_from_elsewhere = false;
    EXPECT_THAT(render_web_login_form(form), HasSubstr("I have just typed that command myself"));
    form.ways.providers.clear();
    EXPECT_THAT(render_web_login_form(form), HasSubstr("There is no way to sign in here"));
}

TEST(WebLoginPage, NotesAreText) {
    const std::string note = render_web_login_note(
        {.title = "Not signed in", .text = "<i>x</i>", .is_refusal = true, .again = "/a&b"});
    EXPECT_THAT(note, HasSubstr("&lt;i&gt;x&lt;/i&gt;"));
    EXPECT_THAT(note, HasSubstr("href=\"/a&amp;b\""));
}

}  // namespace
}  // namespace lodestone::web
