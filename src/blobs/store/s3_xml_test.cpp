// What S3 answers, read: as the specification shows it, and as it must not be.
#include "blobs/store/s3_xml.hpp"

#include <gmock/gmock.h>

#include "base/blob_limits.hpp"

namespace lodestone::blobs {
namespace {

using ::testing::ElementsAre;

TEST(S3Xml, ReadsElementsByTheirPaths) {
    const auto elements = parse_s3_xml(
        "\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<!-- note --><a xmlns=\"x>y\"> <b/>\n<c t='1' >1 "
        "&lt;&#x20AC;&#65;&amp;</c ><d></d></a>\n");
    ASSERT_TRUE(elements);
    EXPECT_THAT(*elements, ElementsAre(S3Element{"a/b", ""},
                                       S3Element{"a/c",
                                                 "1 <\u20AC"
                                                 "A&"},
                                       S3Element{"a/d", ""}));
    EXPECT_THAT(*parse_s3_xml("<a>x</a>"), ElementsAre(S3Element{"a", "x"}));
}

TEST(S3Xml, RefusesWhatIsNoSuchXml) {
    for (const char* xml : {"",
                            "text",
                            "<a>",
                            "</a>",
                            "<a></b>",
                            "<a><b></a></b>",
                            "<a/><b/>",
                            "<a/>text",
                            "<a>&unknown;</a>",
                            "<a>&amp</a>",
                            "<a>&#0;</a>",
                            "<a>&#xD800;</a>",
                            "<a>&#x110000;</a>",
                            "<a>&#;</a>",
                            "<a b></a>",
                            "<a b=c></a>",
                            "<a b=\"></a>",
                            "<!DOCTYPE a><a/>",
                            "<a><![CDATA[x]]></a>",
                            "<a",
                            "<a/",
                            "< a/>",
                            "<?xml",
                            "<!-- ",
                            "<>x</>"})
        EXPECT_FALSE(parse_s3_xml(xml)) << xml;
}

TEST(S3Xml, ReadsNoMoreThanItMay) {
    const auto nested = [](std::size_t depth) {
        std::string xml;
        for (std::size_t i = 0; i < depth; ++i) xml += "<a>";
        for (std::size_t i = 0; i < depth; ++i) xml += "</a>";
        return xml;
    };
    EXPECT_TRUE(parse_s3_xml(nested(limits::s3_xml_depth)));
    EXPECT_FALSE(parse_s3_xml(nested(limits::s3_xml_depth + 1)));
    std::string many = "<a>";
    for (std::size_t i = 0; i <= limits::s3_xml_elements; ++i) many += "<b/>";
    EXPECT_FALSE(parse_s3_xml(many + "</a>"));
}

TEST(S3Xml, ReadsNoLongNames) {
    const auto named = [](std::size_t size) {
        const std::string name(size, 'n');
        return "<" + name + "><leaf/><leaf/></" + name + ">";
    };
    EXPECT_TRUE(parse_s3_xml(named(limits::s3_xml_name_bytes)));
    EXPECT_FALSE(parse_s3_xml(named(limits::s3_xml_name_bytes + 1)));
    EXPECT_FALSE(parse_s3_xml("<a><" + std::string(limits::s3_xml_name_bytes + 1, 'n') + "/></a>"));
}

TEST(S3Xml, ReadsErrors) {
    const auto error = parse_s3_error(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>It is "
        "&quot;gone&quot;"
        "</Message><Key>a</Key></Error>");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, "NoSuchKey");
    EXPECT_EQ(error->message, "It is \"gone\"");
    EXPECT_FALSE(parse_s3_error("<html><body>502</body></html>"));
}

TEST(S3Xml, ReadsListings) {
    const auto listing = parse_s3_listing(
        "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>a/b</Key>"
        "<LastModified>2026-11-29T21:00:00.000Z</LastModified><Size>1</Size></Contents>"
        "<Contents><Key>c</Key></Contents><CommonPrefixes><Key>d</Key></CommonPrefixes>"
        "<NextContinuationToken>t+/=</NextContinuationToken></ListBucketResult>");
    ASSERT_TRUE(listing);
    ASSERT_EQ(listing->objects.size(), 2u);
    EXPECT_EQ(listing->objects.front().key, "a/b");
    EXPECT_EQ(listing->objects.front().modified_at, "2026-11-29T21:00:00.000Z");
    EXPECT_EQ(listing->objects.back().key, "c");
    EXPECT_EQ(listing->objects.back().modified_at, "");
    EXPECT_EQ(listing->next, "t+/=");
    EXPECT_FALSE(parse_s3_listing("<Other/>"));
    const auto uploads = parse_s3_uploads(
        "<ListMultipartUploadsResult><UploadIdMarker/><IsTruncated>false</IsTruncated><Upload><Key>k</Key>"
        "<UploadId>u</UploadId><Initiated>2026-01-02T03:04:05.000Z</Initiated></Upload></"
        "ListMultipartUploadsResult>");
    ASSERT_TRUE(uploads);
    ASSERT_EQ(uploads->uploads.size(), 1u);
    EXPECT_EQ(uploads->next_key, "");
    EXPECT_EQ(uploads->uploads.front().key, "k");
    EXPECT_EQ(uploads->uploads.front().id, "u");
    EXPECT_EQ(uploads->uploads.front().begun_at, "2026-01-02T03:04:05.000Z");
}

TEST(S3Xml, ReadsWhereMoreUploadsAre) {
    const auto uploads = parse_s3_uploads(
        "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k&amp;</NextKeyMarker>"
        "<NextUploadIdMarker>u</NextUploadIdMarker></ListMultipartUploadsResult>");
    ASSERT_TRUE(uploads);
    EXPECT_EQ(uploads->next_key, "k&");
    EXPECT_EQ(uploads->next_id, "u");
}

TEST(S3Xml, ReadsUploads) {
    EXPECT_EQ(parse_s3_upload_id("<InitiateMultipartUploadResult><Bucket>b</Bucket><UploadId>VX</UploadId>"
                                 "</InitiateMultipartUploadResult>"),
              "VX");
    EXPECT_EQ(parse_s3_upload_id("<InitiateMultipartUploadResult/>"), std::nullopt);
    EXPECT_EQ(parse_s3_completion("<CompleteMultipartUploadResult><ETag>&quot;3858-2&quot;</ETag>"
                                  "</CompleteMultipartUploadResult>"),
              "3858-2");
    EXPECT_EQ(strip_quotes("\""), "\"");
    EXPECT_EQ(strip_quotes("a"), "a");
}

}  // namespace
}  // namespace lodestone::blobs
