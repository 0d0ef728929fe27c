// Addresses to listen on, as people write them.
#include "http/server/listen_address.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"

namespace lodestone::http {
namespace {

using Kind = ListenAddress::Kind;

TEST(ListenAddress, IsRead) {
    struct {
        std::string text;
        ListenAddress address;
        std::string rendered;
    } const rows[] = {
        {"127.0.0.1:8080", {Kind::tcp, "127.0.0.1", 8080, ""}, "127.0.0.1:8080"},
        {"0.0.0.0:0", {Kind::tcp, "0.0.0.0", 0, ""}, "0.0.0.0:0"},
        {"[::]:65535", {Kind::tcp, "::", 65535, ""}, "[::]:65535"},
        {"[2001:db8::1]:80", {Kind::tcp, "2001:db8::1", 80, ""}, "[2001:db8::1]:80"},
        {"localhost:8080", {Kind::tcp, "127.0.0.1", 8080, ""}, "127.0.0.1:8080"},
        {"unix:/run/lodestone.sock",
         {Kind::unix_socket, "", 0, "/run/lodestone.sock"},
         "unix:/run/lodestone.sock"},
        {"unix:here:8080", {Kind::unix_socket, "", 0, "here:8080"}, "unix:here:8080"},
        {"unix:" + std::string(limits::socket_path_bytes, 'a'),
         {Kind::unix_socket, "", 0, std::string(limits::socket_path_bytes, 'a')},
         "unix:" + std::string(limits::socket_path_bytes, 'a')},
        {"systemd", {Kind::systemd, "", 0, ""}, "systemd"},
    };
    for (const auto& row : rows) {
        const auto address = parse_listen_address(row.text);
        ASSERT_TRUE(address) << row.text;
        EXPECT_EQ(*address, row.address) << row.text;
        EXPECT_EQ(render_listen_address(*address), row.rendered);
    }
}

TEST(ListenAddress, IsRefused) {
    for (const std::string& text : {std::string(),
                                    std::string("8080"),
                                    std::string(":8080"),
                                    std::string("127.0.0.1"),
                                    std::string("127.0.0.1:"),
                                    std::string("127.0.0.1:65536"),
                                    std::string("127.0.0.1:-1"),
                                    std::string("127.0.0.1:+1"),
                                    std::string("127.0.0.1:80 "),
                                    std::string(" 127.0.0.1:80"),
                                    std::string("127.1:80"),
                                    std::string("::1:8080"),
                                    std::string("::1"),
                                    std::string("[::1]"),
                                    std::string("[::1]8080"),
                                    std::string("[127.0.0.1]:80"),
                                    std::string("[]:80"),
                                    std::string("registry.example:80"),
                                    std::string("http://127.0.0.1:80"),
                                    std::string("*:80"),
                                    std::string("unix:"),
                                    "unix:" + std::string(limits::socket_path_bytes + 1, 'a'),
                                    std::string("unix:a\0b", 8),
                                    std::string("Systemd"),
                                    std::string("systemd:1")})
        EXPECT_FALSE(parse_listen_address(text)) << text;
}

}  // namespace
}  // namespace lodestone::http
