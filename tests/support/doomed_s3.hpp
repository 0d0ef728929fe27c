// A FakeS3 in a process of its own, which outlives programs that are killed; what they ask of it are steps,
// before it is done and after it is done, when nobody has heard of it yet.
#pragma once

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/ensure.hpp"
#include "base/unique_fd.hpp"
#include "support/doom.hpp"
#include "support/fake_s3.hpp"
#include "support/raw_client.hpp"

namespace lodestone::test {

class DoomedS3 {
  public:
    // To be made while this process has one thread.
    explicit DoomedS3(Doom& doom) {
        std::array<int, 2> ends{};
        ensure(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0, "a pair of sockets");
        ours_.reset(ends[0]);
        UniqueFd theirs(ends[1]);
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ours_.reset();
            serve(doom, theirs.value());
        }
        theirs.reset();
        endpoint_ = ask("endpoint").front();
    }
    ~DoomedS3() {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    DoomedS3(const DoomedS3&) = delete;
    DoomedS3& operator=(const DoomedS3&) = delete;

    // Those of any FakeS3, but for the address.
    blobs::S3Options options() const {
        blobs::S3Options options = FakeS3().options();
        options.endpoint = endpoint_;
        return options;
    }
    std::vector<std::string> objects() const { return ask("objects"); }
    std::size_t open_uploads() const { return std::stoul(ask("uploads").front()); }

  private:
    // One question at a time: a word, and then lines behind their number of bytes.
    std::vector<std::string> ask(std::string_view question) const {
        std::array<char, 16> word{};
        std::ranges::copy(question, word.begin());
        ensure(::write(ours_.value(), word.data(), word.size()) > 0, "S3 is asked");
        std::uint64_t size = 0;
        read_whole(ours_.value(), &size, sizeof size);
        std::string text(size, '\0');
        read_whole(ours_.value(), text.data(), size);
        std::vector<std::string> lines;
        std::istringstream stream(text);
        for (std::string line; std::getline(stream, line);) lines.push_back(line);
        return lines;
    }
    static void read_whole(int file, void* to, std::size_t size) {
        for (std::size_t got = 0; got < size;) {
            const ssize_t more = ::read(file, static_cast<char*>(to) + got, size - got);
            ensure(more > 0, "S3 answers");
            got += static_cast<std::size_t>(more);
        }
    }

    [[noreturn]] static void serve(Doom& doom, int theirs) {
        FakeS3 s3;
        const std::string url = s3.options().endpoint;
        const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
        ScriptedServer door([&](ScriptedPeer& peer) { pass_on(doom, peer, port); });
        std::array<char, 16> word{};
        while (::read(theirs, word.data(), word.size()) > 0) {
            std::string text;
            if (std::string_view(word.data()) == "endpoint")
                text = door.url("");
            else if (std::string_view(word.data()) == "uploads")
                text = std::to_string(s3.open_uploads());
            else
                for (const std::string& object : s3.objects()) text += object + "\n";
            const std::uint64_t size = text.size();
            if (::write(theirs, &size, sizeof size) < 0 || ::write(theirs, text.data(), size) < 0) break;
        }
        ::_exit(0);
    }
    static void pass_on(Doom& doom, ScriptedPeer& peer, std::uint16_t port) {
        RawClient s3(port);
        for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head()) {
            const std::string step = describe(head);
            const std::string body = peer.read_bytes(length_of(head));
            doom.pass(step);
            const bool is_head = head.starts_with("HEAD ");
            Answer answer =
                s3.exchange(head + body, is_head ? RawClient::HasBody::no : RawClient::HasBody::yes);
            doom.pass(step + ", done");
            begin_uploads_today(answer.body);
            peer.send(answer.head + "\r\n" + answer.body);
        }
    }
    // FakeS3 says of all of them that nobody is to give them up.
    static void begin_uploads_today(std::string& listing) {
        constexpr std::string_view later = "<Initiated>2099-01-01";
        const std::string today = render_rfc3339(SystemClock().now()).substr(0, 10);
        for (auto at = listing.find(later); at != listing.npos; at = listing.find(later, at))
            listing.replace(at, later.size(), "<Initiated>" + today);
    }
    // "S3 PUT sha256", "S3 PUT part": by what is behind the bucket's prefix, and by the query.
    static std::string describe(const std::string& head) {
        const std::string line = head.substr(0, head.find(" HTTP/"));
        std::string what;
        for (const char* const query : {"partNumber=", "uploadId=", "?uploads"})
            if (what.empty() && line.find(query) != line.npos) what = query;
        const auto kept = line.find("/kept/");
        if (what.empty() && kept != line.npos)
            what = line.substr(kept + 6, line.find('/', kept + 6) - kept - 6);
        return "S3 " + line.substr(0, line.find(' ')) + " " + what;
    }
    static std::size_t length_of(std::string head) {
        std::ranges::transform(head, head.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
        constexpr std::string_view name = "\r\ncontent-length: ";
        const auto at = head.find(name);
        return at == head.npos ? 0 : std::stoul(head.substr(at + name.size()));
    }

    UniqueFd ours_;
    pid_t process_ = 0;
    std::string endpoint_;
};

}  // namespace lodestone::test
