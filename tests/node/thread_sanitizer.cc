/// What ThreadSanitizer must not report: Debian's ICU is built without it, so the locks inside
/// ICU's own initialisation are invisible to it. Unused in other builds.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the sanitizer's name.
extern "C" const char* __tsan_default_suppressions();

// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the sanitizer's name.
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libicuuc.so\ncalled_from_lib:libicui18n.so\n";
}
