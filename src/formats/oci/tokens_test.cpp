// Who gets which token, and what it is worth, on both engines.
#include "support/image_test.hpp"

namespace lodestone::formats::oci {
namespace {

using test::digest_of;
using test::Reply;

class OciToken : public test::ImageTest {
  protected:
    static std::string basic(const std::string& key) {
        static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const std::string text = "user:" + key;
        std::string encoded;
        for (std::size_t i = 0; i < text.size(); i += 3) {
            unsigned value = 0;
            for (std::size_t j = i; j < i + 3; ++j)
                value = value << 8 | (j < text.size() ? static_cast<unsigned char>(text[j]) : 0);
            for (std::size_t j = 0; j < 4; ++j)
                encoded += i + j > text.size() ? '=' : letters[value >> (18 - 6 * j) & 63];
        }
        return "Authorization: Basic " + encoded + "\r\n";
    }
    std::string token_for(const std::string& key, const std::string& query) {
        act_as("");
        const Reply given =
            ask("GET /v2/token?service=registry.example" + query, {}, key.empty() ? "" : basic(key));
        EXPECT_EQ(given.status, 200) << given.body;
        EXPECT_EQ(given.at("/token"), given.at("/access_token"));
        EXPECT_GE(std::stoi(given.at("/expires_in")), 60);
        return given.at("/token");
    }
    Reply post(const std::string& form) {
        act_as("");
        return ask("POST /v2/token", form, "Content-Type: application/x-www-form-urlencoded\r\n");
    }
};
INSTANTIATE_ON_EVERY_DATABASE(OciToken);

TEST_P(OciToken, WhoShowsNothingIsToldWhereToGetOne) {
    act_as("");
    const Reply version = ask("GET /v2/");
    EXPECT_EQ(refusal(version), "401 UNAUTHORIZED");
    EXPECT_EQ(version.header("www-authenticate"),
              R"(Bearer realm="http://registry.example/v2/token",service="registry.example")");
    const Reply pull = ask("GET " + at("web", "manifests/1"));
    EXPECT_EQ(refusal(pull), "401 UNAUTHORIZED");
    EXPECT_TRUE(pull.header("www-authenticate").ends_with(R"(,scope="repository:acme/images/web:pull")"))
        << pull.header("www-authenticate");
    const Reply push = ask("POST " + at("web", "blobs/uploads/"), {}, "Content-Length: 0\r\n");
    EXPECT_TRUE(
        push.header("www-authenticate").ends_with(R"(,scope="repository:acme/images/web:pull,push")"));
    for (const char* method : {"GET ", "DELETE "}) {
        const Reply session = ask(method + at("web", "blobs/uploads/0123456789"));
        EXPECT_TRUE(
            session.header("www-authenticate").ends_with(R"(,scope="repository:acme/images/web:pull,push")"))
            << method << session.header("www-authenticate");
    }
    EXPECT_EQ(ask("GET /v2/", {}, basic("garbage")).status, 401);
    EXPECT_EQ(ask("GET /v2/token", {}, basic("garbage")).status, 401);
    act_as(owner_);
    const Reply known = ask("GET /v2/");
    EXPECT_EQ(known.status, 200);
    EXPECT_EQ(known.header("docker-distribution-api-version"), "registry/2.0");
}

TEST_P(OciToken, IsGoodForWhatWasAskedAndNoMore) {
    push_image("web", "1", "layer");
    const std::string pull = token_for(owner_, "&scope=repository:acme/images/web:pull");
    act_as(pull);
    EXPECT_EQ(ask("GET /v2/").status, 200);
    EXPECT_EQ(ask("GET " + at("web", "manifests/1")).status, 200);
    EXPECT_EQ(ask("GET " + at("web", "tags/list")).status, 200);
    const Reply push = ask("POST " + at("web", "blobs/uploads/"), {}, "Content-Length: 0\r\n");
    EXPECT_EQ(refusal(push), "401 UNAUTHORIZED") << "so that a client gets a better one";
    EXPECT_TRUE(push.header("www-authenticate")
                    .ends_with(R"(,scope="repository:acme/images/web:pull,push",error="insufficient_scope")"))
        << push.header("www-authenticate");
    const Reply removal = ask("DELETE " + at("web", "manifests/1"));
    EXPECT_EQ(refusal(removal), "401 UNAUTHORIZED");
    EXPECT_NE(removal.header("www-authenticate").find(R"(web:delete")"), std::string::npos);
    EXPECT_EQ(refusal(ask("GET " + at("other", "tags/list"))), "401 UNAUTHORIZED");
    EXPECT_EQ(refusal(ask("GET /v2/token")), "403 DENIED") << "no token for a token";
    act_as(token_for(owner_,
                     "&scope=repository:acme/images/web:pull,push&scope=repository:acme/images/base:pull"));
    push_image("web", "2", "more");
    EXPECT_EQ(refusal(ask("GET " + at("base", "tags/list"))), "404 NAME_UNKNOWN");
    act_as(token_for(owner_, "&scope=registry:catalog:*"));
    EXPECT_EQ(ask("GET /v2/_catalog").at("/repositories"), R"(["acme/images/web"])");
    EXPECT_EQ(ask("GET " + at("web", "manifests/1")).status, 401);
}

TEST_P(OciToken, MountsWhereItIsGoodForTheSource) {
    push_blob("base", "hello");
    const std::string mount =
        "POST " + at("web", "blobs/uploads/?mount=" + digest_of("hello") + "&from=acme/images/base");
    const std::string none = "Content-Length: 0\r\n";
    const std::string push = "repository:acme/images/web:pull,push",
                      pull = "repository:acme/images/base:pull";
    act_as("");
    EXPECT_TRUE(
        ask(mount, {}, none).header("www-authenticate").ends_with(",scope=\"" + push + " " + pull + '"'));
    act_as(token_for(owner_, "&scope=" + push));
    const Reply narrow = ask(mount, {}, none);
    EXPECT_EQ(refusal(narrow), "401 UNAUTHORIZED") << "so that a client gets a better one";
    EXPECT_NE(narrow.header("www-authenticate").find(pull), std::string::npos);
    act_as(token_for(owner_, "&scope=" + push + "%20" + pull));
    EXPECT_EQ(ask(mount, {}, none).status, 201);
    const std::string own = make_key(
        "acme", "owner",
        identity::Scopes({{.actions = {"package:*"}, .resources = {"package:images/web"}, .tags = {}}}));
    act_as(token_for(own, "&scope=" + push + "%20" + pull));
    EXPECT_EQ(ask(mount, {}, none).status, 202) << "no token would be better";
}

TEST_P(OciToken, NeverGivesMoreThanTheKey) {
    push_image("web", "1", "layer");
    const std::string reader = make_key(
        "acme", "owner",
        identity::Scopes({{.actions = {"package:read", "package:download"}, .resources = {}, .tags = {}}}));
    act_as(token_for(reader, "&scope=repository:acme/images/web:pull,push,delete"));
    EXPECT_EQ(ask("GET " + at("web", "manifests/1")).status, 200);
    EXPECT_EQ(refusal(ask("POST " + at("web", "blobs/uploads/"), {}, "Content-Length: 0\r\n")), "403 DENIED");
    act_as(token_for(make_tenant("stranger"), "&scope=repository:acme/images/web:pull"));
    EXPECT_EQ(refusal(ask("GET " + at("web", "manifests/1"))), "404 NAME_UNKNOWN");
}

TEST_P(OciToken, OfNobodyReadsWhatIsPublic) {
    push_image("web", "1", "layer");
    const std::string nobody = token_for("", "&scope=repository:acme/images/web:pull,push");
    act_as(nobody);
    EXPECT_EQ(refusal(ask("GET " + at("web", "manifests/1"))), "401 UNAUTHORIZED");
    EXPECT_EQ(ask("GET /v2/").status, 200);
    act_as(owner_);
    EXPECT_EQ(
        ask("PATCH /api/v1/tenants/acme/repositories/images", R"({"visibility":"public"})", if_match("*"))
            .status,
        200);
    act_as(nobody);
    EXPECT_EQ(ask("GET " + at("web", "manifests/1")).status, 200);
    EXPECT_EQ(ask("GET " + at("web", "blobs/" + digest_of("layer"))).body, "layer");
    EXPECT_EQ(ask("POST " + at("web", "blobs/uploads/"), {}, "Content-Length: 0\r\n").status, 401);
}

TEST_P(OciToken, IsGivenForAForm) {
    push_image("web", "1", "layer");
    const std::string scope = "&service=x&client_id=y&scope=repository:acme/images/web:pull";
    const Reply given = post("grant_type=password&username=u&access_type=offline&password=" + owner_ + scope);
    EXPECT_EQ(given.status, 200) << given.body;
    const Reply refreshed =
        post("grant_type=refresh_token&refresh_token=" + given.at("/refresh_token") + scope);
    EXPECT_EQ(refreshed.status, 200) << refreshed.body;
    EXPECT_EQ(refreshed.at("/refresh_token"), "");
    act_as(refreshed.at("/access_token"));
    EXPECT_EQ(ask("GET " + at("web", "manifests/1")).status, 200);
    EXPECT_EQ(refusal(post("grant_type=password&username=u&password=garbage")), "401 UNAUTHORIZED");
    EXPECT_EQ(refusal(post("grant_type=password&username=u")), "401 UNAUTHORIZED");
    EXPECT_EQ(refusal(post("grant_type=magic")), "400 UNSUPPORTED");
    EXPECT_EQ(post("grant_type=password&password=" + operator_token()).status, 401) << "never in a form";
}

TEST_P(OciToken, PassesOverWhatIsNoScope) {
    for (const char* scope :
         {"&scope=", "&scope=x", "&scope=repository:x:pull", "&scope=repository:a/b/C:pull",
          "&scope=repository:acme/images/web:", "&scope=a:b:c%20d:e:f"})
        EXPECT_NE(token_for(owner_, scope), "") << scope;
    std::string many;
    for (int i = 0; i < 40; ++i)
        many += "&scope=repository:acme/images/" + std::string(100, 'a') + std::to_string(i) + ":*";
    EXPECT_NE(token_for(owner_, many), "");
}

}  // namespace
}  // namespace lodestone::formats::oci
