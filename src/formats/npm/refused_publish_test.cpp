// What is published and should not be: refused in the client's words, and nothing of it is left.
#include <gmock/gmock.h>

#include <filesystem>

#include "support/files.hpp"
#include "support/npm_shop.hpp"

namespace lodestone::formats::npm {
namespace {

using test::make_tgz;
using test::Packed;
using test::Reply;
using test::TarEntry;

class NpmRefused : public test::NpmShop {
  protected:
    // Answers with the sentence.
    std::string refuse(const Reply& reply, int status = 400) {
        EXPECT_EQ(reply.status, status) << reply.body;
        EXPECT_EQ(reply.header("content-type"), "application/json");
        EXPECT_FALSE(reply.at("/reason").empty()) << reply.body;
        for (const char* table : {"packages", "versions", "files", "fragments", "tags", "blobs"})
            EXPECT_EQ(run_sql("SELECT count(*) FROM " + std::string(table)), "0") << table << reply.body;
        return reply.at("/error");
    }
    std::string refuse_tarball(std::vector<TarEntry> entries) {
        return refuse(publish({.tarball = make_tgz(entries)}));
    }
    static TarEntry package_json(const std::string& content) {
        return {.path = "package/package.json", .content = content};
    }
    static TarEntry fine() { return package_json(R"({"name":"left-pad","version":"1.0.0"})"); }
};
INSTANTIATE_ON_EVERY_DATABASE(NpmRefused);

TEST_P(NpmRefused, TarballsThatHoldSomethingElse) {
    EXPECT_EQ(refuse_tarball({package_json(R"({"name":"right-pad","version":"1.0.0"})")}),
              "The tarball holds the package right-pad, and is published as left-pad.");
    EXPECT_EQ(refuse_tarball({package_json(R"({"name":"left-pad","version":"1.0.1"})")}),
              "The tarball holds version 1.0.1, and is published as 1.0.0.");
    EXPECT_EQ(refuse_tarball({{.path = "package/index.js", .content = "x"}}),
              "The tarball has no package.json.");
    EXPECT_EQ(refuse_tarball({package_json("{")}), "The package.json in the tarball is no JSON object.");
    EXPECT_EQ(refuse_tarball({fine(), fine()}), "The tarball has two files called package.json at its top.");
    EXPECT_EQ(refuse_tarball({fine(), {.path = "other/package.json", .content = "{}"}}),
              "The tarball has two files called package.json at its top.");
}

// Clients strip the first folder, count "." as one, and unpack to file systems of all kinds.
TEST_P(NpmRefused, TarballsThatUnpackToSomethingElse) {
    for (const char* path : {"./package.json", "./package/index.js", "package.json", "index.js"})
        EXPECT_THAT(refuse_tarball({fine(), {.path = path, .content = "{}"}}),
                    ::testing::HasSubstr("has a file that is not in the folder of its package (" +
                                         std::string(path) + ")"));
    for (const char* path : {"package/PACKAGE.JSON", "package/package.json.", "package/package.json ",
                             "package/pac\xe2\x84\xaa"
                             "age.json",
                             "other/package.json"})
        EXPECT_EQ(refuse_tarball({fine(), {.path = path, .content = "{}"}}),
                  "The tarball has two files called package.json at its top.")
            << path;
    EXPECT_EQ(refuse_tarball({{.path = "package/PACKAGE.JSON", .content = "{}"}}),
              "The tarball has no package.json.");
    for (const char* path : {"package/lib/a.js", "package/LIB/A.js", "package/lib./a.js", "x/lib/a.js"})
        EXPECT_THAT(
            refuse_tarball(
                {{.path = "package/lib/a.js", .content = "1"}, {.path = path, .content = "2"}, fine()}),
            ::testing::HasSubstr("has two files that are one where it is unpacked"))
            << path;
    const std::string name = "30 GNU.sparse.name=package/zz\n";
    EXPECT_THAT(refuse_tarball({fine(), {.path = "PaxHeaders/x", .content = name, .type = 'x'}, fine()}),
                ::testing::HasSubstr("programs read differently (a file with holes)"));
    const std::string size = "9 size=0\n";
    EXPECT_THAT(refuse_tarball({fine(),
                                {.path = "PaxHeaders/x", .content = size, .type = 'g'},
                                {.path = "package/filler", .content = test::make_tar({fine()})}}),
                ::testing::HasSubstr("programs read differently (size)"));
}

TEST_P(NpmRefused, TarballsThatLeadElsewhere) {
    for (const char* path : {"../x", "package/../../x", "/etc/passwd", "package/a\\b", "package/\x01"})
        refuse_tarball({fine(), {.path = path, .content = "x"}});
    for (const char type : {'1', '2', '3'})
        EXPECT_THAT(
            refuse_tarball(
                {fine(), {.path = "package/x", .content = "", .type = type, .target = "/etc/passwd"}}),
            ::testing::HasSubstr(type == '3' ? "has an entry that is no file, folder or link (package/x)"
                                             : "has a link that is not taken here (package/x)"));
}

TEST_P(NpmRefused, TarballsThatAreNone) {
    for (const std::string& bytes :
         {std::string("no tarball"), std::string("\x1f\x8b\x08", 3), test::make_tar({fine()}),
          make_tgz({fine()}).substr(0, 40), compress_gzip("no tar")})
        refuse(publish({.tarball = bytes}));
    refuse(publish({.tarball = compress_gzip(test::make_tar(
                        {fine(), {.path = "package/x", .content = std::string(64 << 20, '\0')}}))}));
}

TEST_P(NpmRefused, DigestsThatAreOthers) {
    const auto with = [&](const char* member, const std::string& value) {
        boost::json::object document = Packed{}.document();
        document["versions"].as_object()["1.0.0"].as_object()["dist"].as_object()[member] = value;
        return refuse(put("left-pad", document));
    };
    EXPECT_THAT(with("integrity", "sha512-AAAA"), ::testing::HasSubstr("its integrity is sha512-"));
    EXPECT_THAT(with("shasum", std::string(40, '0')), ::testing::HasSubstr("its shasum is "));
    boost::json::object document = Packed{}.document();
    document["_attachments"].as_object()["left-pad-1.0.0.tgz"].as_object()["length"] = 3;
    EXPECT_THAT(refuse(put("left-pad", document)),
                ::testing::HasSubstr("is not as long as the document says"));
}

TEST_P(NpmRefused, DocumentsOfAnotherAddress) {
    EXPECT_THAT(refuse(put("right-pad", Packed{}.document())),
                ::testing::HasSubstr("was sent to the address of right-pad"));
    refuse(put("%C3%9Cnfug", Packed{}.document()));
    refuse(put("node_modules", Packed{.name = "node_modules"}.document()));
    refuse(put(std::string(215, 'a'), Packed{.name = std::string(215, 'a')}.document()));
}

// To the address of the package that they are about.
TEST_P(NpmRefused, EveryDocumentThatIsToBeRefused) {
    int count = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(test::source_path("src/formats/npm/testdata/reject"))) {
        const Reply reply = ask("PUT " + at("left-pad"), test::read_file(entry.path()));
        EXPECT_GE(reply.status, 400) << entry.path();
        EXPECT_LT(reply.status, 500) << entry.path() << reply.body;
        ++count;
    }
    EXPECT_GE(count, 48);
    EXPECT_EQ(run_sql("SELECT count(*) FROM packages"), "0");
}

TEST_P(NpmRefused, AttestationsOfATypeThatIsTooLong) {
    const boost::json::object bundle{{"content_type", std::string(256, 'x')}, {"data", "{}"}, {"length", 2}};
    EXPECT_EQ(refuse(publish({.attachments = {{"left-pad-1.0.0.sigstore", bundle}}})),
              "The content_type of the attestation is longer than 255 bytes.");
}

TEST_P(NpmRefused, NumbersThatWouldBeWrittenBackAsWords) {
    std::string body = boost::json::serialize(Packed{.manifest = {{"engines", 7}}}.document());
    const auto number = body.find("\"engines\":7") + 10;
    EXPECT_THAT(refuse(ask("PUT " + at("left-pad"), body.replace(number, 1, "1e999"))),
                ::testing::HasSubstr("is no JSON"));
}

TEST_P(NpmRefused, ABodyThatIsCutOffOrNotBase64) {
    std::string body = boost::json::serialize(Packed{}.document());
    refuse(ask("PUT " + at("left-pad"), body.substr(0, body.size() / 2)));
    const auto data = body.find("\"data\":\"") + 8;
    body[data + 5] = '!';
    EXPECT_EQ(refuse(ask("PUT " + at("left-pad"), body)),
              "The tarball in _attachments is no base64: publish it again.");
}

TEST_P(NpmRefused, WhoMayNotOrIsNobody) {
    act_as("");
    EXPECT_EQ(refuse(publish({}), 401), "Sign in, or send a key.");
    act_as(make_tenant("other"));
    refuse(publish({}), 404);
}

// More than there is room for is refused as everywhere.
TEST_P(NpmRefused, WhatTheQuotaLeavesNoRoomFor) {
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme/repositories/packages",
                  R"({"settings":{"quota":{"max_bytes":10}}})", if_match("*"))
                  .status,
              200);
    const Reply reply = publish({});
    EXPECT_EQ(reply.status, 409) << reply.body;
    EXPECT_EQ(run_sql("SELECT count(*) FROM packages"), "0");
    const std::string size = std::to_string(Packed{}.bytes().size());
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme/repositories/packages",
                  R"({"settings":{"quota":{"max_bytes":)" + size + "}}}", if_match("*"))
                  .status,
              200);
    EXPECT_EQ(publish({}).status, 201) << "what counts is the tarball, not how it comes";
}

}  // namespace
}  // namespace lodestone::formats::npm
