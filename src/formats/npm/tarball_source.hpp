// A request's body as the tarball within it: what is read from this are the tarball's bytes, and the document
// around them is there at the end.
#pragma once

#include <string>

#include "formats/npm/attachment_scanner.hpp"
#include "http/wire/body.hpp"

namespace lodestone::formats::npm {

class TarballSource final : public http::BodySource, private AttachmentSink {
  public:
    explicit TarballSource(http::BodySource& body) : body_(body) {}
    ~TarballSource() override;
    TarballSource(const TarballSource&) = delete;
    TarballSource& operator=(const TarballSource&) = delete;

    Task<std::string_view> next() override;
    void hold(std::uint64_t held_bytes) override { body_.hold(held_bytes); }
    std::optional<std::uint64_t> length() const override { return std::nullopt; }

    const std::string& document() const { return scanner_.document(); }
    bool has_tarball() const { return scanner_.has_tarball(); }

  private:
    void append(std::string_view bytes) override { decoded_ += bytes; }

    http::BodySource& body_;
    AttachmentScanner scanner_{*this};
    std::string decoded_;
    bool holds_ = false;
};

// In place of a request's body for whoever asks whether there is room for what comes: the body is a third
// larger than the tarball, and may have a large document around it.
class TarballLength final : public http::BodySource {
  public:
    explicit TarballLength(std::uint64_t size_bytes) : size_bytes_(size_bytes) {}
    // Of a body that has not come yet: what certainly comes.
    static TarballLength least(const http::BodySource& body);

    Task<std::string_view> next() override { co_return std::string_view(); }
    std::optional<std::uint64_t> length() const override { return size_bytes_; }

  private:
    std::uint64_t size_bytes_;
};

}  // namespace lodestone::formats::npm
