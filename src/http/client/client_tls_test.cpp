// TLS towards others: whom the client trusts, under which name, and how it tells a whole answer from a cut
// one.
#include "http/client/client_tls.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "http/client/client.hpp"
#include "support/certificates.hpp"
#include "support/client_runner.hpp"
#include "support/scripted_server.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::http {
namespace {

using test::Authority;
using test::ClientRunner;
using test::get;
using test::ScriptedPeer;
using test::ScriptedServer;

constexpr auto untrusted = " has no certificate for this name that is trusted here.";

class ClientTls : public ::testing::Test {
  protected:
    ClientTls() {
        authority_.write_pem(ca_file_);
        options_.egress.allow_private = true;
        options_.extra_ca_file = ca_file_;
    }
    static void answer_all(ScriptedPeer& peer) {
        while (!peer.read_head().empty()) peer.answer("ok");
        peer.close_orderly();
    }

    const test::TempFolder folder_;
    const std::string ca_file_ = folder_ / "ca.pem";
    const Authority authority_{"Test authority"};
    ClientOptions options_;
};

TEST_F(ClientTls, TalksToATrustedServerAndKeepsTheConnection) {
    const auto tls = authority_.make_server();
    const ScriptedServer server(answer_all, tls.get());
    for (const auto* host : {"localhost", "127.0.0.1"}) {
        ClientRunner runner(options_);
        const auto before = server.accepted_count();
        for (int i = 0; i < 3; ++i) {
            const auto fetched = runner.fetch(get(server.url("/", host)));
            EXPECT_EQ(fetched.body, "ok") << fetched.detail;
        }
        EXPECT_EQ(server.accepted_count(), before + 1) << host;
    }
}

TEST_F(ClientTls, RefusesWhomItCannotTrust) {
    const Authority stranger("Somebody else");
    struct Case {
        const char* what;
        std::shared_ptr<SSL_CTX> tls;
    };
    const Case cases[] = {
        {"another name", authority_.make_server({.names = "DNS:registry.example"})},
        {"a name where an address is meant", authority_.make_server({.names = "DNS:127.0.0.1"})},
        {"expired", authority_.make_server({.ends = -std::chrono::minutes(1)})},
        {"not valid yet", authority_.make_server({.starts = std::chrono::minutes(30)})},
        {"another authority", stranger.make_server()},
    };
    for (const auto& [what, tls] : cases) {
        const ScriptedServer server(answer_all, tls.get());
        ClientRunner runner(options_);
        const auto fetched = runner.fetch(get(server.url()));
        EXPECT_EQ(fetched.problem, "bad-upstream") << what;
        EXPECT_EQ(fetched.detail, "127.0.0.1" + std::string(untrusted)) << what;
    }
}

TEST_F(ClientTls, TrustsNobodyElsesAuthorityByItself) {
    const auto tls = authority_.make_server();
    const ScriptedServer server(answer_all, tls.get());
    options_.extra_ca_file.clear();
    ClientRunner runner(options_);
    EXPECT_EQ(runner.fetch(get(server.url())).detail, "127.0.0.1" + std::string(untrusted));

    // The trust of one request is not the trust of the next, not even over a kept connection.
    auto request = get(server.url());
    request.tls = make_client_tls(ca_file_);
    EXPECT_EQ(runner.fetch(request).body, "ok");
    EXPECT_EQ(runner.fetch(request).body, "ok");
    EXPECT_EQ(runner.fetch(get(server.url())).problem, "bad-upstream");
    EXPECT_EQ(server.accepted_count(), 3u);
}

TEST_F(ClientTls, AsksForTheNameAndHttp1) {
    const auto tls = authority_.make_server();
    SSL_CTX_set_alpn_select_cb(
        tls.get(),
        [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned in_size,
           void*) {
            *out = in + 1;
            *size = in[0];
            return in_size == 9 ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
        },
        nullptr);
    const ScriptedServer server(
        [](ScriptedPeer& peer) {
            const char* name = SSL_get_servername(peer.tls(), TLSEXT_NAMETYPE_host_name);
            const unsigned char* protocol = nullptr;
            unsigned size = 0;
            SSL_get0_alpn_selected(peer.tls(), &protocol, &size);
            peer.read_head();
            peer.answer(std::string(name == nullptr ? "none" : name) + " " +
                        std::string(reinterpret_cast<const char*>(protocol), size));
            peer.close_orderly();
        },
        tls.get());
    ClientRunner runner(options_);
    EXPECT_EQ(runner.fetch(get(server.url("/", "localhost"))).body, "localhost http/1.1");
    EXPECT_EQ(runner.fetch(get(server.url("/", "127.0.0.1"))).body, "none http/1.1");
}

TEST_F(ClientTls, RefusesOldTls) {
    const auto tls = authority_.make_server();
    SSL_CTX_set_min_proto_version(tls.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(tls.get(), TLS1_1_VERSION);
    SSL_CTX_set_security_level(tls.get(), 0);
    const ScriptedServer server(answer_all, tls.get());
    ClientRunner runner(options_);
    EXPECT_EQ(runner.fetch(get(server.url())).detail, "127.0.0.1 could not be spoken to over TLS.");
}

TEST_F(ClientTls, StreamsBothWays) {
    const auto tls = authority_.make_server();
    const std::string large(3 * limits::mib + 1, 'x');
    const ScriptedServer server(
        [&](ScriptedPeer& peer) {
            while (!peer.read_head().empty()) peer.answer(peer.read_bytes(large.size()));
        },
        tls.get());
    ClientRunner runner(options_);
    for (int i = 0; i < 2; ++i) {
        auto request = get(server.url());
        request.method = Method::put;
        request.body = large;
        EXPECT_TRUE(runner.fetch(std::move(request)).body == large);
    }
    EXPECT_EQ(server.accepted_count(), 1u);
}

// Without the goodbye of TLS anybody on the way could have cut the answer short.
TEST_F(ClientTls, TakesTheEndOnlyFromTlsItself) {
    const auto tls = authority_.make_server();
    for (const bool is_orderly : {true, false}) {
        const ScriptedServer server(
            [&](ScriptedPeer& peer) {
                peer.read_head();
                peer.send("HTTP/1.1 200 OK\r\n\r\nhalf");
                if (is_orderly) peer.close_orderly();
            },
            tls.get());
        ClientRunner runner(options_);
        const auto fetched = runner.fetch(get(server.url()));
        EXPECT_EQ(fetched.body, "half");
        EXPECT_EQ(fetched.problem, is_orderly ? "" : "bad-upstream");
    }
}

TEST_F(ClientTls, DoesNotGoBackToPlain) {
    const auto tls = authority_.make_server();
    const ScriptedServer plain(answer_all);
    const ScriptedServer server(
        [&](ScriptedPeer& peer) {
            peer.read_head();
            peer.answer("", "302 Found", "Location: " + plain.url() + "\r\n");
        },
        tls.get());
    ClientRunner runner(options_);
    EXPECT_EQ(runner.fetch(get(server.url())).detail, "127.0.0.1 redirected from https to http.");
    EXPECT_EQ(plain.accepted_count(), 0u);
}

TEST_F(ClientTls, GivesUpOnAHandshakeThatStalls) {
    const ScriptedServer server([](ScriptedPeer& peer) { peer.wait_closed(); });
    options_.connect_timeout = std::chrono::milliseconds(50);
    ClientRunner runner(options_);
    const auto fetched = runner.fetch(get("https://127.0.0.1:" + std::to_string(server.port()) + "/"));
    EXPECT_EQ(fetched.problem, "upstream-timeout");
}

TEST_F(ClientTls, TellsOfAnUnusableFileAtOnce) {
    EXPECT_THROW(make_client_tls(folder_ / "absent.pem"), std::runtime_error);
    std::ofstream(folder_ / "junk.pem") << "junk";
    options_.extra_ca_file = folder_ / "junk.pem";
    EXPECT_THROW(ClientRunner{options_}, std::runtime_error);
}

}  // namespace
}  // namespace lodestone::http
