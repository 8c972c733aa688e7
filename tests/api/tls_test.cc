#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "api/certificate.h"
#include "tests/api/client.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::api::test {
namespace {

// A certificate for localhost that signs itself, with its key.
class Certificate {
 public:
  explicit Certificate(const std::filesystem::path& directory, long begins = 0, long ends = 3600,
                       long serial = 1)
      : certificate_file(directory / "certificate.pem"), key_file(directory / "key.pem") {
    EVP_PKEY* const key = EVP_EC_gen("P-256");
    X509* const certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), begins);
    X509_gmtime_adj(X509_getm_notAfter(certificate), ends);
    X509_set_pubkey(certificate, key);
    X509_NAME* const name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_sign(certificate, key, EVP_sha256());
    std::FILE* file = std::fopen(certificate_file.c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    file = std::fopen(key_file.c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }

  std::filesystem::path certificate_file;
  std::filesystem::path key_file;
};

// A client's side of TLS on a test client's socket.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, int version_max, const char* ciphers = "ALL") : client_(port) {
    context_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_max_proto_version(context_, version_max);
    EXPECT_EQ(SSL_CTX_set_cipher_list(context_, ciphers), 1) << ciphers;
    session_ = SSL_new(context_);
    SSL_set_fd(session_, client_.fd());
    is_connected_ = SSL_connect(session_) == 1;
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  ~TlsClient() {
    SSL_free(session_);
    SSL_CTX_free(context_);
  }

  bool is_connected() const { return is_connected_; }
  // Of the server's certificate.
  long serial() const {
    X509* const certificate = SSL_get1_peer_certificate(session_);
    const long serial = ASN1_INTEGER_get(X509_get0_serialNumber(certificate));
    X509_free(certificate);
    return serial;
  }
  std::string version() const { return SSL_get_version(session_); }
  void Send(std::string_view bytes) {
    EXPECT_EQ(SSL_write(session_, bytes.data(), static_cast<int>(bytes.size())),
              static_cast<int>(bytes.size()));
  }
  // Reads until the bytes end with `end` or the connection does.
  std::string ReceiveUntil(std::string_view end) {
    std::string received;
    std::array<char, 65536> piece{};
    while (!received.ends_with(end)) {
      const int bytes = SSL_read(session_, piece.data(), piece.size());
      if (bytes <= 0) {
        break;
      }
      received.append(piece.data(), static_cast<std::size_t>(bytes));
    }
    return received;
  }

 private:
  Client client_;
  SSL_CTX* context_ = nullptr;
  SSL* session_ = nullptr;
  bool is_connected_ = false;
};

class TlsTest : public testing::Test {
 protected:
  cacheindex::test::TempDirectory directory_;
  Certificate certificate_{directory_.path()};
  Fixture fixture_{Server::Options{.certificate_file = certificate_.certificate_file,
                                   .certificate_key_file = certificate_.key_file}};
};

TEST_F(TlsTest, SpeaksBothAllowedVersions) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(fixture_.server->port(), version);
    ASSERT_TRUE(client.is_connected());
    for (int i = 0; i < 3; ++i) {
      client.Send(Spell("GET", "/health"));
      EXPECT_THAT(client.ReceiveUntil("}"), testing::HasSubstr(R"({"ok":true})"));
    }
  }
}

TEST_F(TlsTest, RefusesOldVersions) {
  EXPECT_FALSE(TlsClient(fixture_.server->port(), TLS1_1_VERSION).is_connected());
  EXPECT_TRUE(TlsClient(fixture_.server->port(), TLS1_2_VERSION).is_connected());
}

TEST_F(TlsTest, RefusesCiphersThatDoNotAuthenticateWhatTheyEncrypt) {
  for (const char* ciphers :
       {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-ECDSA-AES128-SHA256",
        "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-CAMELLIA128-SHA256", "AES128-SHA"}) {
    EXPECT_FALSE(TlsClient(fixture_.server->port(), TLS1_2_VERSION, ciphers).is_connected())
        << ciphers;
  }
  for (const char* ciphers : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                              "ECDHE-ECDSA-CHACHA20-POLY1305"}) {
    EXPECT_TRUE(TlsClient(fixture_.server->port(), TLS1_2_VERSION, ciphers).is_connected())
        << ciphers;
  }
}

TEST_F(TlsTest, CarriesLargeAnswersAndImports) {
  fixture_.service.state.documents["1"] = R"({"x":")" + std::string(3 << 20, 'x') + R"("})";
  TlsClient client(fixture_.server->port(), TLS1_3_VERSION);
  ASSERT_TRUE(client.is_connected());
  client.Send(Spell("GET", "/collections/a/documents/1"));
  EXPECT_GT(client.ReceiveUntil("x\"}").size(), std::size_t{3} << 20);
  std::string lines;
  for (int i = 0; i < 50'000; ++i) {
    lines += "{\"id\":\"1\"}\n";
  }
  client.Send(Spell("POST", "/collections/a/documents/import", lines));
  client.Send(Spell("GET", "/health"));
  const std::string answers = client.ReceiveUntil(R"({"ok":true})");
  EXPECT_EQ(fixture_.service.state.import_lines.load(), 50'000U);
  EXPECT_GT(answers.size(), std::size_t{50'000} * 16);
}

TEST_F(TlsTest, TakesANewCertificateForNewConnections) {
  TlsClient before(fixture_.server->port(), TLS1_3_VERSION);
  ASSERT_TRUE(before.is_connected());
  EXPECT_EQ(before.serial(), 1);
  const Certificate renewed(directory_.path(), 0, 3600, 2);  // In the same files.
  ASSERT_TRUE(
      fixture_.server->ReloadCertificate(renewed.certificate_file, renewed.key_file).has_value());
  EXPECT_EQ(TlsClient(fixture_.server->port(), TLS1_3_VERSION).serial(), 2);
  before.Send(Spell("GET", "/health"));
  EXPECT_THAT(before.ReceiveUntil("}"), testing::HasSubstr(R"({"ok":true})"));
}

TEST_F(TlsTest, KeepsTheOldCertificateWhenTheNewOneIsBad) {
  std::ofstream(directory_.path() / "bad.pem") << "nonsense";
  EXPECT_THAT(
      fixture_.server->ReloadCertificate(directory_.path() / "bad.pem", certificate_.key_file),
      cacheindex::test::FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_EQ(TlsClient(fixture_.server->port(), TLS1_3_VERSION).serial(), 1);
  Fixture plain;
  EXPECT_THAT(plain.server->ReloadCertificate(certificate_.certificate_file, certificate_.key_file),
              cacheindex::test::FailsWith(ErrorCode::kInvalidArgument));
}

TEST_F(TlsTest, PlainTextIsNotAnswered) {
  Client client = fixture_.Connect();
  client.Send(Spell("GET", "/health"));
  EXPECT_NE(client.Receive().status, 200);
}

TEST(TlsStartTest, SaysWhichFileIsWrong) {
  const cacheindex::test::TempDirectory directory;
  const Certificate certificate(directory.path());
  FakeService service;
  const auto missing = Server::Start({.api_key = "k",
                                      .certificate_file = directory.path() / "none.pem",
                                      .certificate_key_file = certificate.key_file},
                                     service);
  ASSERT_THAT(missing, cacheindex::test::FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(missing.error().message(), testing::HasSubstr("none.pem"));
  const auto message = [&](const std::filesystem::path& chain, const std::filesystem::path& key) {
    const auto checked = CheckCertificate(chain, key);
    EXPECT_THAT(checked, cacheindex::test::FailsWith(ErrorCode::kInvalidArgument));
    return checked ? std::string() : checked.error().message();
  };
  const cacheindex::test::TempDirectory others;
  const Certificate old(others.path(), -7200, -3600);
  EXPECT_THAT(message(old.certificate_file, old.key_file), testing::HasSubstr("expired at"));
  EXPECT_THAT(message(certificate.certificate_file, old.key_file),
              testing::HasSubstr("does not belong to the certificate"));
  const Certificate early(others.path(), 3600, 7200);
  EXPECT_THAT(message(early.certificate_file, early.key_file),
              testing::HasSubstr("is not valid before"));
  EXPECT_THAT(message(certificate.certificate_file, directory.path() / "gone.pem"),
              testing::HasSubstr("gone.pem: No such file"));
  std::ofstream(directory.path() / "bad.pem") << "nonsense";
  EXPECT_THAT(message(directory.path() / "bad.pem", certificate.key_file),
              testing::HasSubstr("bad.pem"));
  EXPECT_THAT(Server::Start({.api_key = "k",
                             .certificate_file = certificate.certificate_file,
                             .certificate_key_file = directory.path() / "bad.pem"},
                            service),
              cacheindex::test::FailsWith(ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace cacheindex::api::test
