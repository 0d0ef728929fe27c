// Tests of npm packages over HTTP: a repository "packages" of the shop's, tarballs made here, and documents
// as clients send them.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "base/compress.hpp"
#include "blobs/store/digests.hpp"
#include "formats/npm/digests.hpp"
#include "support/shop_test.hpp"

namespace lodestone::test {

struct TarEntry {
    std::string path;
    std::string content;
    char type = '0';  // a file; '1' and '2' are links, '5' a folder
    std::string target{};
};

// As POSIX has it, of short names.
inline std::string make_tar(const std::vector<TarEntry>& entries) {
    std::string tar;
    for (const TarEntry& entry : entries) {
        std::string head(512, '\0');
        const auto put = [&](std::size_t at, std::string_view text) { head.replace(at, text.size(), text); };
        char number[13];
        std::snprintf(number, sizeof number, "%011o", static_cast<unsigned>(entry.content.size()));
        put(0, entry.path.substr(0, 100));
        put(100, "0000644");
        put(108, "0000000");
        put(116, "0000000");
        put(124, number);
        put(136, "00000000000");
        put(148, "        ");
        head[156] = entry.type;
        put(157, entry.target);
        put(257, std::string_view("ustar\00000", 8));
        unsigned sum = 0;
        for (const char c : head) sum += static_cast<unsigned char>(c);
        std::snprintf(number, sizeof number, "%06o", sum);
        put(148, std::string(number, 6) + '\0');
        tar += head + entry.content;
        tar.append((512 - entry.content.size() % 512) % 512, '\0');
    }
    return tar.append(1024, '\0');
}

inline std::string make_tgz(const std::vector<TarEntry>& entries) {
    return compress_gzip(make_tar(entries));
}

// A version as somebody packs it; what is left empty is as it should be.
struct Packed {
    std::string name = "left-pad";
    std::string version = "1.0.0";
    std::string tag = "latest";
    boost::json::object manifest{};  // more members
    std::string tarball{};
    boost::json::object attachments{};  // more of them

    std::string bytes() const {
        if (!tarball.empty()) return tarball;
        const boost::json::object package{{"name", name}, {"version", version}};
        return make_tgz({{.path = "package/package.json", .content = boost::json::serialize(package)},
                         {.path = "package/index.js", .content = "module.exports = 1\n"}});
    }

    boost::json::object document() const {
        const std::string tgz = bytes();
        blobs::RunningDigests running(std::vector{DigestKind::sha512, DigestKind::sha1});
        running.add(tgz);
        boost::json::object described{{"name", name}, {"version", version}, {"description", "Pads a text."}};
        described["dist"] = boost::json::object{
            {"integrity", formats::npm::render_integrity(running.digests())},
            {"shasum", formats::npm::render_shasum(running.digests())},
            {"tarball", "http://localhost/" + name + "/-/" + name + '-' + version + ".tgz"}};
        for (const auto& member : manifest) described[member.key()] = member.value();
        boost::json::object all{
            {name + '-' + version + ".tgz", boost::json::object{{"content_type", "application/octet-stream"},
                                                                {"data", formats::npm::render_base64(tgz)},
                                                                {"length", tgz.size()}}}};
        for (const auto& one : attachments) all[one.key()] = one.value();
        boost::json::object document{{"_id", name}, {"name", name}};
        document["dist-tags"] = boost::json::object{{tag, version}};
        document["versions"] = boost::json::object{{version, described}};
        document["_attachments"] = std::move(all);
        return document;
    }
};

class NpmShop : public ShopTest {
  protected:
    void SetUp() override {
        ShopTest::SetUp();
        if (!IsSkipped() && !HasFatalFailure()) make_repository("npm", "packages");
    }
    static std::string at(const std::string& path) { return "/npm/acme/packages/" + path; }
    static std::string escape(std::string name) {
        const auto slash = name.find('/');
        return slash == std::string::npos ? name : name.replace(slash, 1, "%2f");
    }
    Reply publish(const Packed& packed) { return put(packed.name, packed.document()); }
    Reply put(const std::string& name, const boost::json::value& document) {
        return ask("PUT " + at(escape(name)), boost::json::serialize(document));
    }
    Reply fetch(const std::string& path, const std::string& headers = {}) {
        return ask("GET " + at(path), {}, headers);
    }
};

}  // namespace lodestone::test
