// Tickets: what is written is read; what was changed, cut or made elsewhere is not.
#include "identity/secrets/ticket.hpp"

#include <gmock/gmock.h>

#include "base/base64url.hpp"
#include "base/limits.hpp"
#include "identity/secrets/base62.hpp"

namespace lodestone::identity {
namespace {

using ::testing::MatchesRegex;

const KeyedHash& hasher() {
    static const KeyedHash here("the pepper of this installation");
    return here;
}

Ticket some_ticket() {
    return {.tenant = "acme",
            .kind = TokenKind::personal_key,
            .public_id = "0123456789abcdef",
            .issued = Time{std::chrono::seconds{1'800'000'000}},
            .expires = Time{std::chrono::seconds{1'800'000'300}},
            .scopes = R"([{"actions":["package:download"],"resources":["package:images/app"],"tags":[]}])"};
}

// With a MAC of ours, whatever it says.
std::string seal(const std::string& body) {
    std::string text = "lst_" + render_base62(parse_base64url(hasher().hash("ticket", body)).value() + body);
    return text + checksum_of(text);
}

TEST(Ticket, SurvivesBeingWritten) {
    Ticket ticket = some_ticket();
    for (const auto& kind : {std::optional(TokenKind::personal_key), std::optional(TokenKind::app_key),
                             std::optional(TokenKind::publisher), std::optional(TokenKind::session)}) {
        ticket.kind = kind;
        const auto text = render_ticket(ticket, hasher());
        ASSERT_TRUE(text);
        EXPECT_THAT(*text, MatchesRegex("lst_[0-9A-Za-z]+"));
        EXPECT_EQ(parse_ticket(*text, hasher()), ticket);
    }
    const Ticket nobodys{.issued = ticket.issued, .expires = ticket.expires, .scopes = "[]"};
    EXPECT_EQ(parse_ticket(render_ticket(nobodys, hasher()).value(), hasher()), nobodys);
}

TEST(Ticket, NeverChangesItsForm) {
    const std::string body = render_ticket_body(some_ticket());
    EXPECT_EQ(render_base62(body.substr(0, 24)), "07XzAIdHvEW48WbBLBuR0x4pHLVivKBR0");
    EXPECT_EQ(seal(body), render_ticket(some_ticket(), hasher()));
}

TEST(Ticket, EveryChangedCharacterIsNoticed) {
    const std::string text = render_ticket(some_ticket(), hasher()).value();
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string other = text;
        other[at] = other[at] == 'x' ? 'y' : 'x';
        EXPECT_FALSE(parse_ticket(other, hasher())) << at;
        const std::string cut = text.substr(0, at);
        EXPECT_FALSE(parse_ticket(cut, hasher())) << at;
        if (at >= text.size() - checksum_characters) continue;
        // … also when the checksum was made to fit.
        other.resize(text.size() - checksum_characters);
        EXPECT_FALSE(parse_ticket(other + checksum_of(other), hasher())) << at;
        EXPECT_FALSE(parse_ticket(cut + checksum_of(cut), hasher())) << at;
    }
    EXPECT_FALSE(parse_ticket(text + "0", hasher()));
    EXPECT_FALSE(parse_ticket(" " + text, hasher()));
}

TEST(Ticket, IsOfThisInstallationAlone) {
    const KeyedHash elsewhere("the pepper of another one");
    EXPECT_FALSE(parse_ticket(render_ticket(some_ticket(), elsewhere).value(), hasher()));
    // What is hashed under the same pepper for something else proves nothing here.
    const std::string body = render_ticket_body(some_ticket());
    std::string text = "lst_" + render_base62(parse_base64url(hasher().hash("token", body)).value() + body);
    EXPECT_FALSE(parse_ticket(text + checksum_of(text), hasher()));
}

TEST(Ticket, SaysAllOfItOrNothing) {
    const std::string body = render_ticket_body(some_ticket());
    EXPECT_EQ(parse_ticket(seal(body), hasher()), some_ticket());
    for (std::size_t size = 0; size < body.size(); ++size)
        EXPECT_FALSE(parse_ticket_body(body.substr(0, size))) << size;
    EXPECT_FALSE(parse_ticket_body(body + "x"));
    EXPECT_FALSE(parse_ticket_body("\2" + body.substr(1))) << "another version";
    EXPECT_FALSE(parse_ticket_body(body.substr(0, 1) + "z" + body.substr(2))) << "another kind";
    EXPECT_FALSE(parse_ticket_body(body.substr(0, 1) + "n" + body.substr(2))) << "nobody has no credential";
    EXPECT_FALSE(parse_ticket(seal(body + "x"), hasher()));
    EXPECT_FALSE(parse_ticket(seal(""), hasher()));
}

TEST(Ticket, IsNoLongerThanACredentialMayBe) {
    Ticket ticket = some_ticket();
    for (std::size_t size : {2'000U, 3'000U, 4'096U, 10'000U, 100'000U}) {
        ticket.scopes.assign(size, 'x');
        const auto text = render_ticket(ticket, hasher());
        EXPECT_EQ(text.has_value(), size <= 2'000) << size;
        EXPECT_TRUE(!text || text->size() <= limits::credential_bytes);
    }
    EXPECT_FALSE(parse_ticket("lst_" + std::string(limits::credential_bytes, '0'), hasher()));
}

}  // namespace
}  // namespace lodestone::identity
