// Parts of the form, as they come.
#include "formats/pypi/upload_body.hpp"

#include <algorithm>
#include <array>

#include "base/piece_line.hpp"
#include "base/problem.hpp"
#include "base/python_limits.hpp"
#include "http/message/form_reader.hpp"

namespace lodestone::formats::pypi {

namespace {

// Everything else that is sent stands in the file, too, and is read there.
constexpr std::array<std::string_view, 9> heeded{":action",           "protocol_version", "name",
                                                 "version",           "filetype",         "sha256_digest",
                                                 "blake2_256_digest", "md5_digest",       "attestations"};

class FormTaker final : public PieceTaker, private http::FormReader::Listener {
  public:
    FormTaker(const std::string& boundary, std::shared_ptr<packages::Spool> spool)
        : spool_(std::move(spool)), reader_(boundary, *this) {}

    void take(std::string_view piece) override { reader_.feed(piece); }
    UploadForm finish() {
        reader_.finish();
        return std::move(form_);
    }

  private:
    enum class Part : std::uint8_t { passed_over, field, file };

    void begin_part(const http::FormPart& part) override;
    void take_bytes(std::string_view bytes) override;
    void end_part() override {}

    std::shared_ptr<packages::Spool> spool_;
    UploadForm form_;
    Part part_ = Part::passed_over;
    http::FormReader reader_;
};

void FormTaker::begin_part(const http::FormPart& part) {
    part_ = Part::passed_over;
    if (part.name == content_field && part.file_name) {
        if (form_.file_name)
            throw Problem(problems::invalid_input, "The form has two files in its field content.");
        form_.file_name = part.file_name;
        part_ = Part::file;
    } else if (std::ranges::count(heeded, part.name) > 0) {
        if (form_.fields.size() == 2 * heeded.size())
            throw Problem(problems::invalid_input, "The form has a field too often.");
        form_.fields.emplace_back(part.name, std::string());
        part_ = Part::field;
    }
}

void FormTaker::take_bytes(std::string_view bytes) {
    if (part_ == Part::file) {
        if (bytes.size() > limits::python_file_bytes - spool_->size_bytes())
            throw Problem(problems::body_too_large,
                          "The file is larger than the 16 GiB that are taken here.");
        static_assert(limits::python_file_bytes == 16 * limits::gib, "the sentence above says so");
        spool_->append(bytes);
    } else if (part_ == Part::field) {
        auto& [name, value] = form_.fields.back();
        const std::size_t limit =
            name == "attestations" ? limits::python_attestations_bytes : limits::python_field_bytes;
        if (value.size() + bytes.size() > limit)
            throw Problem(problems::invalid_input, "The field " + name + " of the form is too long.");
        value += bytes;
    }
}

}  // namespace

Task<UploadForm> read_upload_form(http::Request& request, std::shared_ptr<packages::Spool> spool,
                                  WorkerThreads& workers) {
    const auto boundary = http::parse_form_boundary(request.header("content-type").value_or(""));
    if (!boundary)
        throw Problem(problems::invalid_input,
                      "Packages are uploaded as a form, multipart/form-data: use an uploader such as twine.");
    const auto taker = std::make_shared<FormTaker>(*boundary, std::move(spool));
    co_await http::hand_over(*request.body, workers, taker);
    co_return taker->finish();
}

}  // namespace lodestone::formats::pypi
